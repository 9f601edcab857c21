//! Batch sizes that grow with the epochs.

use crate::{Batches, Epoch, Rows};

/// Batches whose size grows at given epochs, instead of a learning rate that decays.
///
/// As with [`Batches`], everything depends only on the seed and the epoch, and the last batch of an
/// epoch holds the remaining rows. Later epochs have fewer steps, so a schedule by epoch needs the
/// [`clock`](Self::clock).
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_data::Batches;
///
/// let rows = Tensor::<2>::zeros([10, 3], &Default::default());
/// // Batch size 2, then 4 from epoch 1 on and 8 from epoch 3 on.
/// let batches = Batches::new(rows, 2, 0).growing([(1, 4), (3, 8)]);
/// let sizes: Vec<usize> = batches.epoch(1).map(|rows| rows.dims()[0]).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// assert_eq!([0, 4, 5, 10, 11].map(batches.clock()), [0, 0, 1, 2, 3]);
/// ```
///
/// Source: Smith, Kindermans, Ying, Le, "Don't decay the learning rate, increase the batch size",
/// 2018.
#[derive(Clone, Debug)]
pub struct Growing<R> {
    batches: Batches<R>,
    /// The first epoch of each size; the first size begins at 0.
    sizes: Vec<(usize, usize)>,
}

impl<R: Rows> Growing<R> {
    pub(crate) fn new(batches: Batches<R>, mut sizes: Vec<(usize, usize)>) -> Self {
        for (epoch, size) in &sizes {
            assert!(
                *size > 0,
                "a batch needs at least one row, got a batch size of 0 from epoch {epoch} on"
            );
        }
        sizes.insert(0, (0, batches.batch_size()));
        sizes.sort_by_key(|(epoch, _)| *epoch);
        Self { batches, sizes }
    }

    /// The number of rows of a full batch of this epoch.
    pub fn batch_size(&self, epoch: usize) -> usize {
        let begun = self.sizes.iter().rev().find(|(first, _)| *first <= epoch);
        begun.map_or(self.batches.batch_size(), |(_, size)| *size)
    }

    /// The number of batches of an epoch.
    pub fn len(&self, epoch: usize) -> usize {
        self.batches.len_of(self.batch_size(epoch))
    }

    /// The batches of one epoch, shuffled.
    pub fn epoch(&self, epoch: usize) -> Epoch<'_, R> {
        self.batches.epoch_of(epoch, self.batch_size(epoch))
    }

    /// The epoch of a step, both counted from 0.
    pub fn clock(&self) -> impl Fn(usize) -> usize + Clone + Send + Sync + 'static {
        let sizes = self.sizes.iter();
        let parts: Vec<(usize, usize)> = sizes
            .map(|(first, size)| (*first, self.batches.len_of(*size)))
            .collect();
        move |step| {
            let mut left = step;
            for (index, (first, each)) in parts.iter().enumerate() {
                let epochs = parts.get(index + 1).map(|(next, _)| next - first);
                let steps = epochs.map(|epochs| epochs * each);
                if steps.is_none_or(|steps| left < steps) {
                    return first + left.checked_div(*each).unwrap_or(0);
                }
                left -= steps.unwrap_or(0);
            }
            0
        }
    }
}
