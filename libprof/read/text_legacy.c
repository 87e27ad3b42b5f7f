/* Which frames pprof takes out of profiles that cannot say so themselves: the functions of the
 * allocator, the lock or the profiler. Reports have the same rows only with the same names, in
 * pprof's order, which `raw` and `proto` show.
 */
#include "libprof/read/text_impl.h"

static const char heap_drop[] = "calloc|cfree|malloc|free|memalign|do_memalign"
				"|(__)?posix_memalign|pvalloc|valloc|realloc"
				/* tcmalloc */
				"|tcmalloc::.*|tc_calloc|tc_cfree|tc_malloc|tc_free|tc_memalign"
				"|tc_posix_memalign|tc_pvalloc|tc_valloc|tc_realloc|tc_new"
				"|tc_delete|tc_newarray|tc_deletearray|tc_new_nothrow"
				"|tc_newarray_nothrow"
				/* macOS */
				"|malloc_zone_malloc|malloc_zone_calloc|malloc_zone_valloc"
				"|malloc_zone_realloc|malloc_zone_memalign|malloc_zone_free"
				/* Go */
				"|runtime\\..*"
				/* C++ */
				"|BaseArena::.*|(::)?do_malloc_no_errno|(::)?do_malloc_pages"
				"|(::)?do_malloc|DoSampledAllocation"
				"|MallocedMemBlock::MallocedMemBlock|_M_allocate"
				"|__builtin_(vec_)?delete|__builtin_(vec_)?new"
				"|__gnu_cxx::new_allocator::allocate|__libc_malloc"
				"|__malloc_alloc_template::allocate|allocate|cpp_alloc"
				"|operator new(\\[\\])?|simple_alloc::allocate";
static const char heap_keep[] = "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*";

static const char lock_drop[] = "RecordLockProfileData|(base::)?RecordLockProfileData.*"
				"|(base::)?SubmitMutexProfileData.*"
				"|(base::)?SubmitSpinLockProfileData.*"
				"|(base::Mutex::)?AwaitCommon.*|(base::Mutex::)?Unlock.*"
				"|(base::Mutex::)?UnlockSlow.*|(base::Mutex::)?ReaderUnlock.*"
				"|(base::MutexLock::)?~MutexLock.*|(Mutex::)?AwaitCommon.*"
				"|(Mutex::)?Unlock.*|(Mutex::)?UnlockSlow.*"
				"|(Mutex::)?ReaderUnlock.*|(MutexLock::)?~MutexLock.*"
				"|(SpinLock::)?Unlock.*|(SpinLock::)?SlowUnlock.*"
				"|(SpinLockHolder::)?~SpinLockHolder.*";

static const char cpu_drop[] = "ProfileData::Add|ProfileData::prof_handler"
			       "|CpuProfiler::prof_handler|__pthread_sighandler|__restore";

int prof_text_legacy_frames(struct prof_build *b, bool heap, bool contention)
{
	int rc = prof_build_text(b,
		heap         ? heap_drop
		: contention ? lock_drop
			     : cpu_drop,
		&b->p->drop_frames);

	return rc || !heap ? rc : prof_build_text(b, heap_keep, &b->p->keep_frames);
}
