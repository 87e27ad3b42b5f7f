# Names and labels come from files: a terminal, JSON and Markdown get them harmless.
printf 'goroutine 5 [select] {"a\\nb": "<script>\\x1b[31m|`"}:\nmain.<img src=x>\x1b[31m|`@all`(0x1)\n\t/tmp/<b>.go:1 +0x1\ncreated by main.\x07|x\n\t/x.go:2 +0x1\n' >0
sed 's/goroutine 5/goroutine 6/' 0 >more
for i in $(seq 10 60); do sed "s/goroutine 5/goroutine $i/; \$s/\$/\n/" 0; done >1
touch -r 0 more 1
prof leak 0 1
prof leak --md 0 1
prof leak --json 0 1 | json - >/dev/null && echo valid
prof leak 1 | tr -d '\n[:print:]' | od -c | head -3
