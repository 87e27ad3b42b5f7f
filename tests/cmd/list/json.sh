mkdir app
printf 'package main\n\nfunc f() {\twork() } // \033\377\n' >app/main.go
wire profile >f
prof list --json --source_path=app . f
wire profile '4{1:3 2:1} 2{1[3 1] 2[5]}' >f
prof list --json --source_path=none '.*' f | json schema total rows
