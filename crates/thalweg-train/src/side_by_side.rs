//! Several fits at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Runs `count` fits that know nothing of each other, such as those of an ensemble, on `workers` threads. Small networks
/// leave cores idle that the next fit can use.
///
/// The results come in order. After the first error no fit begins. Those that run see it by the flag that `fit` gets,
/// and may end early; theirs are not returned.
///
/// ```
/// use thalweg_train::side_by_side;
///
/// let squares = side_by_side(4, 2, |k, _| Ok::<_, String>(k * k));
/// assert_eq!(squares, Ok(vec![0, 1, 4, 9]));
/// let failed = side_by_side(4, 2, |k, _| match k {
///     2 => Err("the third one"),
///     _ => Ok(k),
/// });
/// assert_eq!(failed, Err("the third one"));
/// ```
///
/// # Errors
///
/// The first one of a fit.
pub fn side_by_side<T: Send, E: Send>(
    count: usize,
    workers: usize,
    fit: impl Fn(usize, &Arc<AtomicBool>) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let (next, given_up) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let found = Mutex::new(Ok(Vec::with_capacity(count)));
    let work = || {
        while !given_up.load(Ordering::SeqCst) {
            let index = next.fetch_add(1, Ordering::SeqCst);
            if index >= count {
                break;
            }
            let result = fit(index, &given_up);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *found, result) {
                (Ok(found), Ok(learned)) => found.push((index, learned)),
                (Ok(_), Err(error)) => {
                    *found = Err(error);
                    given_up.store(true, Ordering::SeqCst);
                }
                // The first error is the reason of the others.
                (Err(_), _) => {}
            }
        }
    };
    match workers.clamp(1, count.max(1)) {
        // A sampler asks for few rows at a time, and a thread would cost more than they do.
        1 => work(),
        workers => thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        }),
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    found.sort_by_key(|(index, _)| *index);
    Ok(found.into_iter().map(|(_, learned)| learned).collect())
}
