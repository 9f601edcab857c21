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

impl Share {
    /// Rows that the member was not trained on, up to a number: those that chose nothing, where there are any.
    pub(crate) fn judged(&self, most: usize) -> &[usize] {
        let rows = match self.calibration.is_empty() {
            true => &self.validation,
            false => &self.calibration,
        };
        &rows[..rows.len().min(most)]
    }
}

/// The numbers below `rows` in a random order.
pub(crate) fn shuffled(rows: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(rng);
    order
}

/// From this number of rows on, one split serves all members.
pub(crate) const MANY: usize = 2000;

/// Rows that validate, and rows that calibrate, at most.
const MOST: [usize; 2] = [10_000, 20_000];

/// The rows of each member. Of few rows each member holds out another part, so that every row is held out by
/// one of them; of many, all of them hold out the same tenth to validate and fifth to calibrate with.
pub(crate) fn shares(rows: usize, members: usize, calibrate: bool, seed: u64) -> Vec<Share> {
    let order = shuffled(rows, &mut ChaCha8Rng::seed_from_u64(seed));
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
    folds(&order, members)
}

/// The rows of detectors: of few rows, ten or five parts; of many, half of them train, up to a bound, and all others
/// calibrate.
pub(crate) fn few_or_half(rows: usize, most: usize, seed: u64) -> Vec<Share> {
    let order = shuffled(rows, &mut ChaCha8Rng::seed_from_u64(seed ^ 1));
    match rows {
        ..FEW => without_validation(folds(&order, 10.min(rows))),
        FEW..MANY => without_validation(folds(&order, 5)),
        _ => {
            let (train, calibration) = order.split_at((rows / 2).min(most));
            let calibration = &calibration[..calibration.len().min(MOST_CALIBRATION)];
            vec![Share {
                train: train.to_vec(),
                validation: vec![],
                calibration: calibration.to_vec(),
            }]
        }
    }
}

/// Kernels stop by themselves: the rows that would validate train too.
fn without_validation(mut shares: Vec<Share>) -> Vec<Share> {
    for share in &mut shares {
        share.train.append(&mut share.validation);
    }
    shares
}

/// Below this number of rows, ten parts leave more of them to each member than five.
pub(crate) const FEW: usize = 300;
/// The most rows that detectors calibrate with.
pub(crate) const MOST_CALIBRATION: usize = 50_000;

/// Parts of rows, of which each share holds out one and validates with a sixth of the others.
fn folds(order: &[usize], members: usize) -> Vec<Share> {
    let rows = order.len();
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
