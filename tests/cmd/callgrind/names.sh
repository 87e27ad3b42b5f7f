# Functions of one name and file that begin at different lines; of two files, with one number a text.
wire profile '2{1[3] 2[1]} 2{1[4 3] 2[2]} 2{1[5 6] 2[4]} 2{1[6 5] 2[8]} 2{1[2 1] 2[3]}' \
	'4{1:3 3:48 4{1:3 2:9}} 4{1:4 3:64 4{1:4 2:11}} 4{1:5 3:80 4{1:5 2:9}} 4{1:6 3:96 4{1:6 2:11}}' \
	'5{1:3 2:7 4:6 5:8} 5{1:4 2:7 4:6 5:10} 5{1:5 2:7 4:8 5:8} 5{1:6 2:7 4:8 5:10}' '6"main.(*T).M" 6"/src/app/b.go"' >f
prof callgrind f
