//! Pieces of many sizes for the threads.

use crate::share::{share, threads};

/// Numbers that one thread goes through sooner than another wakes.
const ENOUGH: usize = 1 << 15;

/// The least numbers of a group, where there are more than that in all.
const LEAST: usize = 1 << 13;

/// Does `work` on each piece as [`share`] does, for many small ones with one hand-out: neighbours go to one
/// thread together, up to `most` numbers. A piece comes with the count of its numbers.
pub(crate) fn share_pieces<T: Send>(pieces: Vec<(usize, T)>, most: usize, work: impl Fn(T) + Sync) {
    let total: usize = pieces.iter().map(|(numbers, _)| numbers).sum();
    if total <= ENOUGH {
        return pieces.into_iter().for_each(|(_, piece)| work(piece));
    }
    // Two groups a thread, so that the threads end at about the same time.
    let most = most.min((total / (2 * threads())).max(LEAST));
    share(grouped(pieces, most).into_iter(), |group| {
        group.into_iter().for_each(&work);
    });
}

/// Neighbours together while they have up to `most` numbers.
fn grouped<T>(pieces: Vec<(usize, T)>, most: usize) -> Vec<Vec<T>> {
    let (mut groups, mut room): (Vec<Vec<T>>, _) = (vec![], 0);
    for (numbers, piece) in pieces {
        match groups.last_mut() {
            Some(group) if numbers <= room => {
                group.push(piece);
                room -= numbers;
            }
            _ => {
                groups.push(vec![piece]);
                room = most.saturating_sub(numbers);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn neighbours_are_together_and_none_is_lost() {
        let pieces = [3, 3, 5, 9, 1, 0, 20, 1, 1].map(|numbers| (numbers, numbers));
        let groups = grouped(pieces.to_vec(), 10);
        let expected: [&[usize]; 5] = [&[3, 3], &[5], &[9, 1, 0], &[20], &[1, 1]];
        assert_eq!(groups, expected);
        assert!(grouped::<()>(vec![], 10).is_empty());
    }

    #[test]
    fn each_piece_is_worked_on_once() {
        let sizes: Vec<usize> = (0..200).map(|i| (i * 97) % 1000).collect();
        let found = Mutex::new(vec![]);
        let pieces = sizes.iter().map(|size| (*size, *size)).collect();
        share_pieces(pieces, 1 << 15, |size| found.lock().unwrap().push(size));
        let (mut found, mut expected) = (found.into_inner().unwrap(), sizes);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
