// Package picturetest scores a reader of one symbology on photographs that lie
// outside the project. The environment variable SUBLOT_PICTURES names a folder of
// them: a folder a set, NAME.txt or NAME.bin beside a picture with what is in it.
// Only tests import it.
package picturetest
