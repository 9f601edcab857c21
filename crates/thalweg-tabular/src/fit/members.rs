//! The members of a density, fitted side by side.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::DensityError;
use crate::member::{Member, MemberModel, Training};

/// A member that was fitted, its parameters, and how it was trained.
pub(super) type Learned = (Member, MemberModel, Vec<Training>);

/// Fits all members by several threads. After the first error no member begins, and those that are trained are
/// interrupted at the end of their epoch, by the flag that `learn` gets.
pub(super) fn all_members(
    members: usize,
    workers: usize,
    learn: impl Fn(usize, &Arc<AtomicBool>) -> Result<Learned, DensityError> + Sync,
) -> Result<Vec<Learned>, DensityError> {
    let (next, given_up) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let found = Mutex::new(Ok(Vec::with_capacity(members)));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !given_up.load(Ordering::SeqCst) {
                    let member = next.fetch_add(1, Ordering::SeqCst);
                    if member >= members {
                        break;
                    }
                    let result = learn(member, &given_up);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    match (&mut *found, result) {
                        (Ok(found), Ok(learned)) => found.push((member, learned)),
                        (Ok(_), Err(error)) => {
                            *found = Err(error);
                            given_up.store(true, Ordering::SeqCst);
                        }
                        // The first error is the reason of the others.
                        (Err(_), _) => {}
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    found.sort_by_key(|(member, _)| *member);
    Ok(found.into_iter().map(|(_, learned)| learned).collect())
}
