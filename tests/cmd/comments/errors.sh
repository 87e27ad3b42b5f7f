wire profile '13:7' '6"made by hand"' >f
prof comments; echo "$?"
prof comments --json f; echo "$?"
prof comments f nothing; echo "$?"
