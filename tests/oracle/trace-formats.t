# prof trace events --format=parsed and --format=wire write what `go tool trace -d=parsed` and -d=wire of
# the same file write, byte for byte: over all traces of testdata and $PACKS that Go can read (those that
# were damaged on purpose aside: it makes less of them, or nothing and does not say so). Of traces of
# before go 1.22 it takes procs and goroutines in the order of a map: what it writes at some time is what
# prof writes each time. $GO is Go's command, whose trace is built once.
use strict;
use warnings;
use Digest::MD5;
use File::Find qw(find);
use File::Path qw(make_path);
use Test::More;

use constant { MOST_BYTES => 4 << 20, TRIES => 60 };

my $scratch = "$ENV{SCRATCH}/trace-formats";

make_path($scratch);
system("'$ENV{GO}' build -o '$scratch/trace' cmd/trace") == 0 or die "$ENV{GO} builds no trace\n";

my @files;
find({no_chdir => 1, wanted => sub { push @files, $_ if /\.trace(\.gz)?$/ && !m{/corrupt/} && -f }},
	'testdata', grep { -d } map { "$ENV{PACKS}/$_" } $ENV{PACKS} ? qw(captures conformance) : ());

# The digest of what a command writes, and its status.
sub sum
{
	my ($command) = @_;
	my $sum = Digest::MD5->new;

	open my $pipe, '-|:raw', "$command 2>/dev/null" or die "$command: $!\n";
	$sum->addfile($pipe);
	return ($sum->hexdigest, close $pipe);
}

# Whether Go writes the same; undef where it gives up on the file.
sub is_same
{
	my ($file, $format, $tries) = @_;
	my ($got) = sum("'$ENV{PROF}' trace events --format=$format '$file'");

	for (1 .. $tries) {
		my ($want, $done) = sum("'$scratch/trace' -d=$format '$file'");

		return if !$done;
		return 1 if $want eq $got;
	}
	return 0;
}

my (%same, %given_up, @wrong);
for my $packed (sort @files) {
	my $file = "$scratch/file.trace";
	my $read = $packed =~ /\.gz$/ ? 'zcat' : 'cat';

	system("$read '$packed' >'$file'") == 0 or next;
	next if -s $file > MOST_BYTES;
	open my $in, '<:raw', $file or die "$file: $!\n";
	read $in, my $header, 16;
	close $in;
	my ($version) = $header =~ /^go 1\.(\d+) trace/ or next;
	for my $format ('parsed', $version < 22 ? () : 'wire') {
		my $is = is_same($file, $format, $version < 22 ? TRIES : 1);
		my $what = $version < 22 ? "$format, before go 1.22" : $format;

		$same{$what} += $is // 0;
		$given_up{$what} += !defined $is;
		push @wrong, "$packed as $format" if defined $is && !$is;
	}
}
is_deeply(\@wrong, [], 'what prof writes is what Go writes');
for my $what (sort keys %same) {
	cmp_ok($same{$what}, '>', 0, "$what: $same{$what} files, and $given_up{$what} that Go gives up on");
}
done_testing();
