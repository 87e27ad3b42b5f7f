# Names that would like to be markup, script, or another text: pictures and pages are well-formed, and
# nothing of them is a tag. (tests/browser looks whether anything runs.)
printf '%s\n' '<script>alert(1)</script>;</script><script>alert(2)</script>;<!--;]]>;&lt; 1' \
	$'\x1b[31mred;\xff\xfe not UTF-8;a"b\'c`d;\xe2\x80\xaereversed;\xe2\x80\xa8line;\xef\xbf\xbe 2' \
	'<img src=x onerror=alert(3)>;javascript:alert(4);${alert(5)};{{7*7}};%s%n 3' >stacks
prof flame --title='<b>"&title' -o got.svg stacks
prof flame --title='<b>"&title' -o got.html stacks
xmllint --noout got.svg got.html
for f in got.svg got.html; do
	grep -c '<script' $f
	grep -a -E 'alert|<!--|<img|<b>' $f
	LC_ALL=C grep -c -a -P '[\x00-\x08\x0b-\x1f\xff]' $f
done
