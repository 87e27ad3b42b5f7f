# One side, or both, without samples.
wire profile >some
wire '1{1:1 2:2}' '6""' '6"cpu"' '6"nanoseconds"' >none
profdiff none some; echo "$?"
profdiff some none; echo "$?"
profdiff none none; echo "$?"
profdiff --normalize none some; echo "$?"
