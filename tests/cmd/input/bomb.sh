# 288 MiB of one string out of 300 KB: the default limits end it, soon and in little memory.
perl -e 'print "\x32\x00\x32\x80\x80\x80\x90\x01"' | gzip -n >bomb
head -c 16777216 /dev/zero | gzip -n >zeros
for _ in $(seq 18); do cat zeros; done >>bomb
(ulimit -t 20; prof top bomb); echo "$?"
