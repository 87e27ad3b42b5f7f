# What the lint tests read. `use lib 'tests/harness'; use Files;`
package Files;
use strict;
use warnings;
use Exporter 'import';
use File::Find;
use Test::More ();
our @EXPORT = qw(none slurp sources tracked);

sub slurp
{
	my ($path) = @_;

	open my $f, '<:raw', $path or die "$path: $!\n";
	local $/;
	return <$f> // '';
}

# A test that a list is empty.
sub none
{
	my ($list, $name) = @_;

	Test::More::ok(!@$list, $name) or Test::More::diag(join "\n", @$list);
}

# The C files of the product.
sub sources
{
	return sort(glob('libprof/*.h libprof/*/*.[ch] libprof/*/*/*.[ch] cmd/*.[ch]'));
}

# What git tracks or would; without git, all but .git and build.
sub tracked
{
	my @files = split /\0/, `git ls-files -z --cached --others --exclude-standard 2>/dev/null`;

	if (!@files) {
		find({no_chdir => 1, wanted => sub {
			$File::Find::prune = 1 if m{^\./(\.git|build)$};
			push @files, s{^\./}{}r if -f;
		}}, '.');
	}
	return sort grep { -f } @files;
}

1;
