# What captures hold that is not there, or elsewhere, or something else: as captures.sh.
meddled make >made
for change in 'DELETE FROM capture_data WHERE part = 1' 'DELETE FROM capture_data WHERE part = 5' 'UPDATE capture_data SET part = part + 100' \
	'UPDATE capture_data SET place = place + 1' "UPDATE capture_data SET data = x'00'" 'UPDATE capture_data SET data = zeroblob(100000)' \
	'DROP TABLE capture_data'; do
	meddled "$change"
done
echo done
