# Control characters are escaped, tabs stay, CR LF is a line's end; the file ends before the margin does.
mkdir app
printf 'package main\n\nfunc f() {\twork() } // \033[31m\r\nfunc g() { f() } // caf\303\251 \377\n\n// end' >app/main.go
wire profile >f
prof list --source_path=app . f | tee want
(cd app && prof list . ../f) | diff want - && echo same from the directory; # pprof trims the name by --source_path only
prof list --trim_path=/src 'g$' f
prof list --trim_path=/src/app --source_path=none:app --unit=us f f | tail -6
