# Whole profiles at the edges: no samples, zero, negative, as large as it gets, unpacked fields.
good() { wire profile "$@" >f; prof top f | tail -n +2; echo "${PIPESTATUS[0]}: $*"; }
wire '1{1:1 2:2}' '6""' '6"cpu"' '6"nanoseconds"' >f; prof top f; echo "$?: no samples"
good '2{1[1] 2[18446744073709551609]}'
good '2{1[2] 2[18446744073709551600]}'
good '2{1[1] 2[9223372036854775800]}'
good '2{1:1 1:2 2:5}'
good '2{2[5]}'
good 9:1 10:18446744073709551615 12:9223372036854775807
