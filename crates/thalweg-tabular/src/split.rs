//! Which rows train, which choose the weights, and which calibrate.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// The rows of one member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Share {
    pub(crate) train: Vec<usize>,
    /// They choose weights and mixture.
    pub(crate) validation: Vec<usize>,
    /// They are neither trained nor chosen by: their scores are those of new rows.
    pub(crate) calibration: Vec<usize>,
}

/// From this number of rows on, one split serves all members.
pub(crate) const MANY: usize = 2000;

/// Rows that validate, and rows that calibrate, at most.
const MOST: [usize; 2] = [10_000, 20_000];

/// The rows of each member. Of few rows each member holds out another part, so that every row is held out by
/// one of them; of many, all of them hold out the same tenth to validate and fifth to calibrate with.
pub(crate) fn shares(rows: usize, members: usize, calibrate: bool, seed: u64) -> Vec<Share> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    if rows >= MANY || members == 1 {
        let validation = (rows / 10).clamp(1, MOST[0]);
        let calibration = if calibrate {
            (rows / 5).clamp(1, MOST[1])
        } else {
            0
        };
        let (validation, rest) = order.split_at(validation);
        let (calibration, train) = rest.split_at(calibration);
        let share = Share {
            train: train.to_vec(),
            validation: validation.to_vec(),
            calibration: calibration.to_vec(),
        };
        return vec![share; members];
    }
    let fold = |member: usize| {
        let bounds = [member, member + 1].map(|part| part * rows / members);
        let calibration = order[bounds[0]..bounds[1]].to_vec();
        let mut rest = [&order[bounds[1]..], &order[..bounds[0]]].concat();
        let train = rest.split_off((rest.len() / 6).max(1));
        Share {
            train,
            validation: rest,
            calibration,
        }
    };
    (0..members).map(fold).collect()
}
