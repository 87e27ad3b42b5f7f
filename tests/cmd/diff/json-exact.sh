# Integers beyond 2^53 and names that are not UTF-8 survive.
wire profile '2{1[1] 2[9007199254740993]}' >old
wire profile '6"f\xff"' '2{1[3] 2[9007199254740995]}' '4{1:3 4{1:3}}' '5{1:3 2:7}' >new
profdiff --json old new | json total.old total.new rows.0.name rows.0.flat.new rows.1.flat.old
