f=$TESTDATA/contend.mutex.pb.gz
{ cat $f; echo junk; } >junk-behind
{ cat $f; head -c 7 $f; } >half-a-member-behind
perl -pe 'BEGIN { $/ = \1 } $_ = chr(ord ^ 1) if $. == 1000' $f >flipped-bit
perl -pe 'BEGIN { $/ = \1 } $_ = chr(ord ^ 1) if $. == 1976' $f >wrong-crc
perl -pe 'BEGIN { $/ = \1 } $_ = chr(ord ^ 1) if $. == 1980' $f >wrong-length
perl -pe 'BEGIN { $/ = \1 } $_ = "\x07" if $. == 3' $f >no-such-method
for f in junk-behind half-a-member-behind flipped-bit wrong-crc wrong-length no-such-method; do
	prof top $f; echo "$?"
done
