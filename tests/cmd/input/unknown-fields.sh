# Skipped by their length.
wire profile 99:3 '99{1:1}' 99/4 99/8 1000:18446744073709551615 '2{1[2] 2[3] 77"x" 78/8}' >f
prof top f
