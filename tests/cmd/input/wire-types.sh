# What no encoder writes: wrong wire types, groups, field 0, varints without end.
bad() { wire profile "$@" >f; prof top f; echo "$?: $*"; }
bad 2:7
bad 1/8
bad 6:4
bad 9/8
bad '2{1/8 2:3}'
bad '4{1/4}'
bad '4{4:1}'
bad 99^3
bad 99^4
bad 99^7
bad 0:1
bad 4^2
bad '4{1^0}'
{ wire profile; printf '\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'; } >f; prof top f; echo "$?: varint of 11 bytes"
{ wire profile; printf '\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f'; } >f; prof top f; echo "$?: varint over 64 bits"
{ wire profile; printf '\x22\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'; } >f; prof top f; echo "$?: length 2^64 - 1"
