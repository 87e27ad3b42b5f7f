# Names are hostile: quotes, control characters, bytes that are not UTF-8, U+2028, half a surrogate pair.
wire profile '6"\"\\</script>\x00\x01\x1f\x7f\x0a\x09\xff\xc3\xe2\x80\xa8\xed\xa0\x80"' \
	'2{1[3] 2[5]}' '4{1:3 4{1:3 2:9}}' '5{1:3 2:7 4:6}' >f
prof top --json f | json rows.0.name rows.1.name
prof top f | od -An -c
