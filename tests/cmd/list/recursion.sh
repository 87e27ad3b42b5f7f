# main.f:4 <- main.f:3 <- main.f:3 <- main.g:6: 7 ns, where pprof's header says 14.
wire '1{1:1 2:2} 2{1[1 2 2 3] 2[7]} 4{1:1 4{1:1 2:4}} 4{1:2 4{1:1 2:3}} 4{1:3 4{1:2 2:6}}' \
	'5{1:1 2:3 4:5 5:2} 5{1:2 2:4 4:5 5:6} 6"" 6"cpu" 6"nanoseconds" 6"main.f" 6"main.g" 6"m.go"' >f
for i in 1 2 3 4 5 6 7 8 9; do echo "line $i"; done >m.go
prof list . f
prof list --json . f
