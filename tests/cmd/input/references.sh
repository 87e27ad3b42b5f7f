# Indices and ids that lead nowhere, and values that do not match the types.
bad() { wire profile "$@" >f; prof top f; echo "$?: $*"; }
bad '2{1[1] 2[7 8]}'
bad '2{1[1]}'
bad '1{1:1 2:2}'
bad '1{1:99}'
bad '2{1[9] 2[1]}'
bad '2{1[0] 2[1]}'
bad '2{1[18446744073709551615] 2[1]}'
bad '2{1[1] 2[1] 3{1:44 2:1}}'
bad '2{1[1] 2[1] 3{1:18446744073709551615 2:1}}'
bad '3{1:1}'
bad '3{1:0}'
bad '3{1:2 5:70}'
bad '4{1:1}'
bad '4{1:0}'
bad '4{1:3 2:9}' '2{1[3] 2[1]}'
bad '4{1:3 4{1:9}}' '2{1[3] 2[1]}'
bad '5{1:1}'
bad '5{1:0}'
bad '5{1:3 2:77}'
bad 7:70
bad 13:70
bad 14:70
wire '6"x"' >f; prof top f; echo "$?: string_table[0] is not empty"
wire '6""' >f; prof top f; echo "$?: no sample type"
wire '2{1[1] 2[7]}' '6""' >f; prof top f; echo "$?: values of no type"
