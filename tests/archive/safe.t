# What an archive goes through: a disk that fills up, four writers with a rollback journal; and what a person at a
# terminal sees: how far it is, and a line editor with a history.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use Test::More;

my $prof = $ENV{PROF};
my $testdata = getcwd() . '/testdata';
my $dir = tempdir(CLEANUP => 1);

# What a script prints, errors too, and its status. It runs in a new folder.
sub bash
{
	my ($script) = @_;
	my $in = tempdir(DIR => $dir);
	my $pid = open my $out, '-|' // die "fork: $!\n";

	if (!$pid) {
		chdir $in or die "$in: $!\n";
		open STDERR, '>&', \*STDOUT or die;
		open STDIN, '<', '/dev/null' or die;
		@ENV{qw(HOME TESTDATA TERM)} = ($in, $testdata, 'xterm');
		delete $ENV{XDG_STATE_HOME};
		exec 'bash', '-c', $script or die;
	}
	local $/;
	my $text = <$out> // '';
	close $out;
	return ($text, $? >> 8);
}

# A file system of 400 KiB that fills up, then has room again.
my $full = <<'END';
mkdir small && mount -t tmpfs -o size=400k none small || exit 77
mkdir files
for ((i = 0; i < 3000; i++)); do
	printf 'main;a%d;b%d %d\nmain;c 1\n' $((i % 500)) $((i % 7)) $((i + 1)) >files/$i.folded
done
$PROF archive add -q JOURNAL small/n.db $TESTDATA/contend.mutex.pb.gz >/dev/null || exit 1
$PROF archive add -q JOURNAL small/n.db files >/dev/null; echo "full: $?"
$PROF archive verify -q small/n.db && echo "whole"
$PROF top small/n.db:1 | head -1
mount -o remount,size=64m small
$PROF archive add -q JOURNAL small/n.db files >/dev/null; echo "room: $?"
$PROF archive verify small/n.db
$PROF archive ls --json small/n.db | grep -c '"id"'
ls small
END

for my $journal ('', '--journal=delete') {
	my $name = 'a full disk' . ($journal && ", $journal");
	my $script = $full =~ s/JOURNAL/$journal/gr =~ s/\$PROF/$prof/gr =~ s/'/'\\''/gr;
	my ($text, $status) = bash("exec unshare -m bash -c '$script'");

	if ($status == 77 || $text =~ /^unshare: /) {
		pass("$name: not tried, nothing may be mounted here");
		next;
	}
	like($text, qr{\A.*: n\.db: .*full.*\nfull: 1\n|\A.*full\nfull: 1\n}, "$name: an error that says so");
	like($text, qr{^whole\nFile: contend\n}m, "$name: what was there is there");
	like($text, qr{^room: 0\neverything is as it should be\n3001\nn\.db\n\z}m, "$name: goes on when there is room");
}

my ($text) = bash(<<'END' =~ s/\$PROF/$prof/gr);
mkdir files
for ((i = 0; i < 800; i++)); do
	printf 'main;a%d;b%d %d\nmain;c 1\n' $((i % 50)) $((i % 7)) $((i + 1)) >files/$i.folded
done
for w in 0 1 2 3; do
	$PROF archive add -q -j 1 --journal=delete w.db files/*$w.folded files/*$((w + 4)).folded >/dev/null || echo "writer: $?" &
done
for ((r = 0; r < 10; r++)); do
	[ ! -s w.db ] || $PROF archive ls w.db 2>&1 >/dev/null | grep -v 'not an archive'
done
wait
$PROF archive add -q --journal=delete w.db files >/dev/null
$PROF archive ls --json w.db | grep -c '"id"'
$PROF archive verify w.db
ls w.db*
END
is($text, "800\neverything is as it should be\nw.db\n", 'four writers with --journal=delete');

# What a program shows on a terminal while lines are typed into it.
sub terminal
{
	my ($typed, $command) = @_;

	return bash("($typed) | script -qec '$command' /dev/null");
}

my ($here) = terminal('sleep 0.1', 'echo yes');
if ($here !~ /yes/) {
	pass('no pseudo terminal here: progress and the line editor are not tried');
} else {
	# The first file takes its time.
	my ($shown) = terminal('sleep 0.1', <<'END' =~ s/\$PROF/$prof/gr =~ s/\n/; /gr);
mkfifo slow
(sleep 2.5 && echo "main;f 1" >slow) & for i in 1 2 3; do echo "main;g $i" >$i.folded; done
$PROF archive add n.db slow 1.folded 2.folded 3.folded
END
	like($shown, qr/\r\e\[K1 of 4 files, [\d.]+ MB\/s, \d+ s left/, 'add says how far it is');
	like($shown, qr/\r\e\[K4 added, 0 known already\r\n\z/, 'and takes that away at the end');

	($shown) = bash(<<END);
$prof archive add -q n.db \$TESTDATA/contend.mutex.pb.gz >/dev/null
talk() { script -qec '$prof sql n.db' /dev/null; }
(sleep 1; printf '.tables\\n'; sleep 0.2; printf 'select kind,\\n'; sleep 0.2; printf '41 + 1 as n from profile;\\n'; sleep 0.2; printf '.quit\\n') | talk
echo "again"
(sleep 1; printf '\\020\\n'; sleep 0.2; printf '\\020\\020\\n'; sleep 0.2; printf 'nonsense;\\n.quit\\n') | talk
END
	my ($first, $second) = split /^again\r?\n/m, $shown, 2;

	like($first, qr/prof> .*  \.\.\. /s, 'sql asks for more until a statement is whole');
	like($first, qr/^mutex +42\r$/m, 'and runs it');
	like($first, qr/^profiles\r\n.*^goroutines\r\n.*^prof_top\r$/ms, '.tables names what there is');
	like($second // '', qr/select kind/, 'the next session knows it');
	like($second // '', qr/syntax error/, 'an error does not end it');
}
done_testing();
