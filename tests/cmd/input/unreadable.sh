# Root reads everything, so there somebody else tries it.
cp $TESTDATA/contend.mutex.pb.gz f
chmod 000 f
as=
if [ "$(id -u)" = 0 ]; then
	as='setpriv --reuid=65534 --regid=65534 --clear-groups'
	cp "$PROF" prof
	chmod 755 . prof
	PATH=.:$PATH
	$as true 2>/dev/null || as=cannot # some containers
fi
if [ "$as" = cannot ]; then
	echo "prof top: f: Permission denied" >&2
	exit 1
fi
$as prof top f
