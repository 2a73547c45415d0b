// Package degrade makes pictures of symbols as bad as the world makes them: turned,
// tilted, wrapped round a case, blurred, noisy, faint, unevenly lit, peened into
// rough metal, damaged, compressed. Tests, benchmarks and the demonstration read
// them.
//
// [Draw] takes the modules of a symbol, [Photograph] a finished drawing such as a
// label, and both a [Config] in physical units. The same Config gives the same picture on
// every machine: all chance comes from its Seed.
//
// # How a picture comes about
//
// For every pixel nine rays go from the camera to the surface, which is a plane
// or a cylinder. What they meet (ink, paper, the shaded pits of a dot-peen mark) is
// averaged and lit; then lens blur, contrast, sensor noise and JPEG follow, in the
// order in which they happen to a real photograph. Blur is given in modules, noise
// and contrast in levels of gray of 0 to 255, angles in degrees.
package degrade
