# Several values of a key, the unit of a key that has none, and that of one whose samples differ in it.
wire profile '2{1[1] 2[5] 3{1:7 3:4096} 3{1:8 3:3}}' '2{1[2] 2[6] 3{1:9 3:10 4:10} 3{1:9 3:2 4:11} 3{1:12 2:13} 3{1:12 2:14}}' \
	'2{1[2] 2[8] 3{1:8 3:0}}' '6"request"' '6"depth"' '6"took"' '6"ms"' '6"s"' '6"who"' '6"a"' '6"b"' >f
prof tags f
prof traces f | tail -n +5
