package calibre
const LastNumber = 2046
type Cartridge struct { ID string; Number int }
func ByID(id string) (*Cartridge, bool) { return nil, false }
func ByNumber(n int) (*Cartridge, bool) { return nil, false }
