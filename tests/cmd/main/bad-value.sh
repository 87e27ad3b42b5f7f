for opt in --nodecount=x --nodecount= --nodecount -n --nodefraction=much --cum=maybe --format=xml \
	--limit=x --limit=memory=x --limit=shoes=3 --limit=memory=-1 --limit=memory=99999999999G; do
	prof top $opt; echo "$? $opt"
done
