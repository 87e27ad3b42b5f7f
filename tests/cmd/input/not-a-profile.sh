echo 'hello, world' >text
head -c 3000 /dev/zero >zeros
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0' >elf
echo '{"schema": "prof.top/1"}' >json
printf '\037\213' >magic
gzip -n <text >text.gz
gzip -n <text.gz >text.gz.gz
for f in text zeros elf json magic text.gz text.gz.gz; do prof top $f; echo "$?"; done
