//! Work for this thread and those of a pool.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::yield_now;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Turns of waiting before a thread goes to sleep, each of them a microsecond or so.
const PATIENCE: usize = 500;

/// Waits while a condition holds, for at most this many turns. Between them the processor is offered to other
/// threads: the one waited for may have been placed on the same one.
fn wait_while(turns: usize, condition: impl Fn() -> bool) {
    const SPINS: usize = 32;
    for _ in 0..turns {
        for _ in 0..SPINS {
            if !condition() {
                return;
            }
            spin_loop();
        }
        yield_now();
    }
}

/// Threads that share work out at this moment, each of its own accord: those of a data-parallel step
/// keep all processors busy already.
static SHARING: AtomicUsize = AtomicUsize::new(0);

/// Threads that share work, the calling one included: as many as rayon's own pool has, which
/// `RAYON_NUM_THREADS` sets.
///
/// See [`share_whole`] for an example.
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// The others, one fewer than there are processors, since the calling thread works too. Not rayon's own
/// pool, whose threads a program may want for other work than to wait for ours.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let others = threads().checked_sub(1).filter(|&others| others > 0)?;
        let name = |index| format!("thalweg-{index}");
        let pool = ThreadPoolBuilder::new()
            .num_threads(others)
            .thread_name(name);
        // Without threads of its own, the calling one does all of the work.
        pool.build().ok()
    };
    POOL.get_or_init(start).as_ref()
}

/// One of the threads that [`SHARING`] counts, also where the work panics.
struct Sharing {
    others: usize,
}

impl Sharing {
    fn start() -> Self {
        Self {
            others: SHARING.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        SHARING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does `work` on each item, on this thread and those of a pool. This one begins at once instead of
/// waiting until another has woken, and each takes the next item that is left; so the result must
/// not depend on who does what.
///
/// ```
/// let mut squares = [0; 100];
/// thalweg_kernels::share(squares.iter_mut().enumerate(), |(x, square)| *square = x * x);
/// assert_eq!(squares.iter().sum::<usize>(), 99 * 100 * 199 / 6);
/// ```
pub fn share<T: Send>(items: impl ExactSizeIterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    if items.len() <= 1 || ALONE.get() {
        // The item may share its own work.
        return items.for_each(work);
    }
    let sharing = Sharing::start();
    let threads = items.len().min(threads().saturating_sub(sharing.others));
    let Some(pool) = pool().filter(|_| threads > 1) else {
        return items.for_each(work);
    };
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let take = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    let finished = AtomicUsize::new(1);
    pool.in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                take();
                finished.fetch_add(1, Ordering::Release);
            });
        }
        STARTED.fetch_add(1, Ordering::Release);
        take();
        // The others are at their last item, so to sleep would take longer than to wait.
        wait_while(PATIENCE, || finished.load(Ordering::Acquire) < threads);
    });
    stay_awake(pool);
}

thread_local! {
    /// Whether this thread works on an item of [`share_whole`].
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as [`ALONE`], also where the work panics.
struct Alone {
    before: bool,
}

impl Alone {
    fn start() -> Self {
        Self {
            before: ALONE.replace(true),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        ALONE.set(self.before);
    }
}

/// [`share`] for items that are pieces of a whole computation, of milliseconds each: the work of one stays on
/// its thread, whatever it calls, since the other threads have items of their own.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use thalweg_kernels::{share_whole, threads};
///
/// // One piece a thread.
/// let (numbers, sum) = (Vec::from_iter(1..=1000), AtomicU64::new(0));
/// share_whole(numbers.chunks(1000_usize.div_ceil(threads())), |piece| {
///     sum.fetch_add(piece.iter().sum(), Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 1000 * 1001 / 2);
/// ```
pub fn share_whole<T: Send>(
    items: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(T) + Sync,
) {
    if items.len() <= 1 {
        return items.for_each(work);
    }
    share(items, |item| {
        let _alone = Alone::start();
        work(item);
    });
}

/// Counts the calls that shared work.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Keeps the other threads looking for work for some 50 microseconds: in training, the next piece of
/// it comes sooner than a thread would have fallen asleep and woken.
fn stay_awake(pool: &ThreadPool) {
    const TURNS: usize = 50;
    let before = STARTED.load(Ordering::Acquire);
    pool.spawn_broadcast(move |_| {
        wait_while(TURNS, || STARTED.load(Ordering::Acquire) == before);
    });
}

/// `work` of each item, in their order.
#[cfg(feature = "host")]
pub(crate) fn map<T: Send, R: Send>(
    items: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut results: Vec<Option<R>> = (0..items.len()).map(|_| None).collect();
    share(items.zip(results.iter_mut()), |(item, result)| {
        *result = Some(work(item));
    });
    let done = results.into_iter().map(|r| r.expect("each was taken"));
    done.collect()
}

/// Samples that a thread takes at a time in one pass over memory: all, where another thread would
/// cost more than it helps.
#[cfg(feature = "host")]
pub(crate) fn samples_a_piece(batch: usize, each: usize) -> usize {
    const ENOUGH: usize = 1 << 14;
    match batch * each <= ENOUGH {
        true => batch.max(1),
        false => ENOUGH.div_ceil(2 * each.max(1)),
    }
}
