# The runner of the golden tests: a case that is cut short fails, and REDO=1 keeps what it wrote out of the
# expectations.
use strict;
use warnings;
use File::Path qw(make_path remove_tree);
use File::Spec;
use Test::More;

my $folder = File::Spec->abs2rel("$ENV{SCRATCH}/runner");

sub write_file
{
	my ($name, $text) = @_;

	open my $f, '>', "$folder/$name" or die "$folder/$name: $!\n";
	print $f $text;
	close $f or die;
}

sub content
{
	my ($name) = @_;

	open my $f, '<', "$folder/$name" or return undef;
	local $/;
	return <$f>;
}

sub run
{
	local %ENV = (%ENV, @_);
	my $said = `"$^X" tests/cmd/run.t "$folder" 2>/dev/null`;

	return $said =~ s/^#.*\n//mgr;
}

remove_tree($folder);
make_path($folder);
write_file('good.sh', "echo good\n");
write_file('slow.sh', "echo begun; sleep 60; echo ended\n");
write_file('killed.sh', "echo begun; kill -KILL \$\$\n");
write_file("$_.out", "begun\nended\n") for qw(slow killed);
is(run(REDO => 1, CASE_SECONDS => 1), "ok 1 - good\nnot ok 2 - killed\nnot ok 3 - slow\nok 4 - no expectation without a case\n1..4\n", 'what is cut short fails');
is(content('good.out'), "good\n", 'an expectation is written');
is(content("$_.out"), "begun\nended\n", "$_: none that was cut short") for qw(slow killed);
is(content("$_.exit"), undef, "$_: nor its status") for qw(slow killed);
remove_tree($folder);
done_testing();
