# Rows of captures, and their transitions, meddled with: an error, or the same as before, never a crash or another
# number; verify finds it.
meddled make
for change in "UPDATE capture SET kind = 'nothing', damages = -1" 'UPDATE capture SET row_count = 0' \
	'DELETE FROM capture_data WHERE part = 6' 'DELETE FROM capture_data WHERE part = 7' \
	'UPDATE capture_data SET data = (SELECT data FROM capture_data WHERE part = 6 AND profile = 1) WHERE part = 6' \
	'DELETE FROM capture_data WHERE part = 29' 'UPDATE capture_data SET place = -1 - place WHERE part = 29'; do
	meddled "$change"
done
echo done
