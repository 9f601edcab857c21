//! Work on chunks beside reading and writing.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::failure::Failure;

/// The most workers. Each has its chunks in memory, and the work on one chunk takes several threads by itself.
const MOST: usize = 8;

/// Takes chunks from `source`, works on them, and gives what comes out to a sink, in order: three things at once. `open` makes
/// the sink, and `end` takes it back.
///
/// Workers take chunks in turn and the sink asks them in turn, which keeps the order. A worker holds one chunk and
/// two results at most, so that a slow sink holds up the source and memory is constant.
///
/// # Errors
///
/// The first one in the order of the chunks: those before it have gone into the sink.
///
/// # Panics
///
/// When the work panics; `end` is not called then.
pub(crate) fn run<T: Send, P: Send, S, R: Send>(
    mut source: impl Iterator<Item = Result<T, Failure>>,
    work: impl Fn(T) -> Result<P, Failure> + Sync,
    open: impl FnOnce() -> Result<S, Failure> + Send,
    append: impl Fn(&mut S, P) -> Result<(), Failure> + Send,
    end: impl FnOnce(S) -> Result<R, Failure> + Send,
) -> Result<R, Failure> {
    let workers = thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST));
    let work = &work;
    thread::scope(|scope| {
        let worker = |_| {
            let (to, chunks) = sync_channel::<Result<T, Failure>>(1);
            let (give, from) = sync_channel(1);
            scope.spawn(move || each(&chunks, &give, work));
            (to, from)
        };
        let (to, from): (Vec<SyncSender<_>>, Vec<Receiver<_>>) = (0..workers).map(worker).unzip();
        let sink = scope.spawn(move || {
            let mut sink = open()?;
            // A worker whose turn it is says when there are no more chunks.
            for worker in from.iter().cycle() {
                match worker.recv() {
                    Ok(Some(result)) => append(&mut sink, result?)?,
                    Ok(None) => break,
                    Err(_) => panic!("a worker ended without its last word"),
                }
            }
            end(sink)
        });
        let mut turn = to.iter().cycle();
        // A worker that is gone has a sink that is gone, which knows why.
        while let (Some(chunk), Some(worker)) = (source.next(), turn.next())
            && worker.send(chunk).is_ok()
        {}
        drop(turn);
        drop(to);
        sink.join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Works on chunks until there are no more, which the last word says, or until nobody wants them.
fn each<T, P>(
    chunks: &Receiver<Result<T, Failure>>,
    give: &SyncSender<Option<Result<P, Failure>>>,
    work: impl Fn(T) -> Result<P, Failure>,
) {
    for chunk in chunks {
        if give.send(Some(chunk.and_then(&work))).is_err() {
            return;
        }
    }
    give.send(None).ok();
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn doubled(
        source: impl Iterator<Item = Result<usize, Failure>>,
    ) -> (Result<Vec<usize>, Failure>, Vec<usize>) {
        let seen = std::sync::Mutex::new(vec![]);
        // Later chunks are done earlier.
        let work = |chunk: usize| {
            thread::sleep(Duration::from_micros(200 * (7 - chunk as u64 % 7)));
            match chunk {
                40 => Err(Failure::Usage("40".to_owned())),
                _ => Ok(2 * chunk),
            }
        };
        let append = |sink: &mut Vec<usize>, result| {
            sink.push(result);
            seen.lock().expect("no panic").push(result);
            Ok(())
        };
        let done = run(source, work, || Ok(vec![]), append, Ok);
        (done, seen.into_inner().expect("no panic"))
    }

    #[test]
    fn order_is_kept() {
        for count in [0, 1, 2, 39] {
            let (done, _) = doubled((0..count).map(Ok));
            let expected: Vec<usize> = (0..count).map(|chunk| 2 * chunk).collect();
            assert_eq!(done.expect("no error"), expected);
        }
    }

    #[test]
    fn the_first_error_comes_after_all_before_it() {
        let (done, seen) = doubled((0..100).map(Ok));
        assert_eq!(done.expect_err("an error").to_string(), "40");
        assert_eq!(seen, (0..40).map(|chunk| 2 * chunk).collect::<Vec<_>>());
        let bad = |chunk| match chunk {
            30 => Err(Failure::Usage("30".to_owned())),
            _ => Ok(chunk),
        };
        let (done, seen) = doubled((0..100).map(bad));
        assert_eq!(done.expect_err("an error").to_string(), "30");
        assert_eq!(seen.len(), 30);
    }

    #[test]
    fn a_panic_comes_before_the_end() {
        let ended = AtomicUsize::new(0);
        let work = |chunk: usize| match chunk {
            9 => panic!("work"),
            _ => Ok(chunk),
        };
        let run = || {
            run(
                (0..100).map(Ok),
                work,
                || Ok(()),
                |(), _| Ok(()),
                |()| {
                    ended.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                },
            )
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
        assert_eq!(ended.into_inner(), 0);
    }

    #[test]
    fn a_sink_that_fails_stops_the_source() {
        let taken = AtomicUsize::new(0);
        let source = (0..1_000_000).map(|chunk| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok(chunk)
        });
        let append = |(): &mut (), chunk| match chunk {
            5 => Err(Failure::Usage("full".to_owned())),
            _ => Ok(()),
        };
        let done = run(source, Ok, || Ok(()), append, Ok);
        assert_eq!(done.expect_err("an error").to_string(), "full");
        assert!(taken.into_inner() < 6 + 5 * MOST);
    }
}
