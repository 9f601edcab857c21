//! Batches of rows in another random order each epoch, of one size or of growing size.

use burn::tensor::{Tensor, TensorData};

use crate::{Rows, rng};

/// Rows in batches, in an order that depends only on the seed and the number of the epoch.
///
/// So a resumed run sees the same batches as one without interruption. The whole set stays on its
/// device as one tensor; a batch is a `select` of rows, which on the CPU copies each row once.
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use thalweg_data::Batches;
///
/// let device = Default::default();
/// let points = Tensor::<2>::zeros([10, 3], &device);
/// let labels = Tensor::<1, Int>::zeros([10], &device);
///
/// let batches = Batches::new((points, labels), 4, 0);
/// let sizes: Vec<usize> = batches.epoch(0).map(|(points, _)| points.dims()[0]).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// assert_eq!(batches.drop_last(true).len(), 2);
///
/// // Ten rows are no whole batch of sixteen.
/// let wide = Batches::new(Tensor::<2>::zeros([10, 3], &device), 16, 0);
/// assert!(!wide.is_empty() && wide.drop_last(true).is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Batches<R> {
    rows: R,
    count: usize,
    batch_size: usize,
    seed: u64,
    drop_last: bool,
}

impl<R: Rows> Batches<R> {
    /// Batches of a tensor, or of a pair of tensors with the same number of rows.
    ///
    /// The last batch of an epoch holds the remaining rows; see [`drop_last`](Self::drop_last).
    ///
    /// # Panics
    ///
    /// If `batch_size` is 0, or if the tensors of a pair have different numbers of rows.
    pub fn new(rows: R, batch_size: usize, seed: u64) -> Self {
        assert!(
            batch_size > 0,
            "a batch needs at least one row, got a batch size of 0"
        );
        Self {
            count: rows.row_count(),
            rows,
            batch_size,
            seed,
            drop_last: false,
        }
    }

    /// Whether to leave out a last batch that is smaller than the others; by default it is kept.
    pub fn drop_last(mut self, drop_last: bool) -> Self {
        self.drop_last = drop_last;
        self
    }

    /// The same rows with other batch sizes in later epochs: see [`Growing`].
    ///
    /// # Panics
    ///
    /// If a batch size is 0.
    pub fn growing(self, sizes: impl Into<Vec<(usize, usize)>>) -> Growing<R> {
        let mut sizes = sizes.into();
        for (epoch, size) in &sizes {
            assert!(
                *size > 0,
                "a batch needs at least one row, got a batch size of 0 from epoch {epoch} on"
            );
        }
        sizes.insert(0, (0, self.batch_size));
        sizes.sort_by_key(|(epoch, _)| *epoch);
        Growing {
            batches: self,
            sizes,
        }
    }

    /// The number of batches of an epoch.
    pub fn len(&self) -> usize {
        self.len_of(self.batch_size)
    }

    /// The number of batches of an epoch with this batch size.
    fn len_of(&self, batch_size: usize) -> usize {
        match self.drop_last {
            true => self.count / batch_size,
            false => self.count.div_ceil(batch_size),
        }
    }

    /// Whether an epoch has no batches.
    ///
    /// See [`Batches`] for an example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The batches of one epoch, shuffled.
    pub fn epoch(&self, epoch: usize) -> Epoch<'_, R> {
        self.epoch_of(epoch, self.batch_size)
    }

    /// The batches of one epoch with this batch size, shuffled.
    fn epoch_of(&self, epoch: usize, batch_size: usize) -> Epoch<'_, R> {
        let order = rng::permutation(self.count, self.seed, epoch as u64);
        self.walk(order, batch_size)
    }

    /// The epoch of a step, both counted from 0: for schedules by epoch.
    pub fn clock(&self) -> impl Fn(usize) -> usize + Clone + Send + Sync + 'static {
        let each = self.len();
        move |step| step.checked_div(each).unwrap_or(0)
    }

    /// The batches in the order of the rows, for validation.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_data::Batches;
    ///
    /// let rows = Tensor::<1>::from_floats([1.0, 2.0, 3.0, 4.0, 5.0], &Device::default());
    /// let batches = Batches::new(rows, 2, 0);
    /// let last = batches.in_order().last().unwrap();
    /// assert_eq!(last.into_data().try_to_vec::<f32>().unwrap(), [5.0]);
    /// ```
    pub fn in_order(&self) -> Epoch<'_, R> {
        self.walk((0..self.count).collect(), self.batch_size)
    }

    fn walk(&self, order: Vec<usize>, batch_size: usize) -> Epoch<'_, R> {
        Epoch {
            rows: &self.rows,
            order: order.into_iter().map(|row| row as i64).collect(),
            batch_size,
            batches: self.len_of(batch_size),
            next: 0,
        }
    }
}

/// The batches of one epoch; see [`Batches::epoch`].
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_data::{Batches, Epoch};
///
/// let batches = Batches::new(Tensor::<2>::zeros([10, 3], &Default::default()), 4, 0);
/// let mut epoch: Epoch<'_, Tensor<2>> = batches.epoch(0);
/// assert_eq!(epoch.len(), 3);
/// let last = epoch.nth(2).unwrap(); // copies no row of the batches before
/// assert_eq!((last.dims(), epoch.len()), ([2, 3], 0));
/// ```
#[derive(Clone, Debug)]
pub struct Epoch<'a, R> {
    rows: &'a R,
    order: Vec<i64>,
    batch_size: usize,
    batches: usize,
    next: usize,
}

impl<R: Rows> Iterator for Epoch<'_, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        if self.len() == 0 {
            return None;
        }
        let rows = self.rows;
        let start = self.next * self.batch_size;
        let end = self.order.len().min(start + self.batch_size);
        self.next += 1;

        let order = TensorData::new(self.order[start..end].to_vec(), [end - start]);
        Some(rows.select_rows(&Tensor::from_data(order, &rows.device())))
    }

    /// Skips batches without copying their rows: a resumed run enters its epoch here.
    fn nth(&mut self, skipped: usize) -> Option<R> {
        self.next = self.batches.min(self.next.saturating_add(skipped));
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.batches - self.next;
        (left, Some(left))
    }
}

impl<R: Rows> ExactSizeIterator for Epoch<'_, R> {}

/// Batches whose size grows at given epochs, instead of a learning rate that decays.
///
/// As with [`Batches`], everything depends only on the seed and the epoch, and the last batch of an
/// epoch holds the remaining rows. Later epochs have fewer steps, so a schedule by epoch needs the
/// [`clock`](Self::clock).
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_data::{Batches, Growing};
///
/// let rows = Tensor::<2>::zeros([10, 3], &Default::default());
/// // Batch size 2, then 4 from epoch 1 on and 8 from epoch 3 on.
/// let batches: Growing<_> = Batches::new(rows, 2, 0).growing([(1, 4), (3, 8)]);
/// assert_eq!([0, 1, 2, 3].map(|epoch| batches.batch_size(epoch)), [2, 4, 4, 8]);
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
    /// The first epoch of each size; the first of them is 0.
    sizes: Vec<(usize, usize)>,
}

impl<R: Rows> Growing<R> {
    /// The number of rows of a full batch of this epoch.
    pub fn batch_size(&self, epoch: usize) -> usize {
        let begun = self.sizes.iter().rev().find(|(first, _)| *first <= epoch);
        begun.map_or(self.batches.batch_size, |(_, size)| *size)
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
        // The first epoch, the first step and the steps of an epoch for each size.
        let (mut parts, mut start) = (Vec::new(), 0);
        for (i, &(epoch, size)) in self.sizes.iter().enumerate() {
            let steps = self.batches.len_of(size);
            parts.push((epoch, start, steps));
            let next = self.sizes.get(i + 1).map_or(epoch, |(next, _)| *next);
            start += (next - epoch) * steps;
        }
        move |step| {
            let begun = parts.iter().rev().find(|(_, start, _)| *start <= step);
            begun.map_or(0, |(epoch, start, steps)| {
                epoch + (step - start).checked_div(*steps).unwrap_or(0)
            })
        }
    }
}
