//! A data loader of burn-train.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor};
use thalweg_data::{Batches, Rows};

use super::Seeded;

/// Batches of the rows of a tensor, or of a pair of tensors, shuffled anew in each epoch, each with a
/// seed.
///
/// All rows lie in memory, as in `thalweg_data::Batches`. The n-th call of `iter` gives the n-th
/// epoch.
///
/// ```
/// use burn::data::dataloader::DataLoader;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::burn_train::Loader;
///
/// let rows = Tensor::<2>::ones([10, 3], &Device::default());
/// let loader = Loader::new(rows, 4, 0);
/// let sizes: Vec<usize> = loader.iter().map(|batch| batch.unwrap().rows.dims()[0]).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// ```
///
/// # Shapes
///
/// `[rows, ..]` gives batches of `[batch, ..]`; the last of an epoch has the rows that are left.
#[derive(Debug)]
pub struct Loader<R> {
    batches: Batches<R>,
    rows: R,
    batch_size: usize,
    seed: u64,
    epoch: AtomicUsize,
}

impl<R: Rows + Send + Sync + 'static> Loader<R> {
    /// Batches of `batch_size` rows.
    ///
    /// # Panics
    ///
    /// If `batch_size` is 0.
    pub fn new(rows: R, batch_size: usize, seed: u64) -> Self {
        Self {
            batches: Batches::new(rows.clone(), batch_size, seed),
            rows,
            batch_size,
            seed,
            epoch: AtomicUsize::new(0),
        }
    }

    /// The same of other rows.
    fn with(&self, rows: R) -> Arc<dyn DataLoader<Seeded<R>>> {
        Arc::new(Self::new(rows, self.batch_size, self.seed))
    }
}

impl<R: Rows + Send + Sync + 'static> DataLoader<Seeded<R>> for Loader<R> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Seeded<R>> + 'a> {
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed);
        Box::new(Walk {
            batches: self.batches.epoch(epoch),
            // Seeds of this epoch alone: an epoch has at most as many steps as rows.
            seeds: epoch * self.num_items()..(epoch + 1) * self.num_items(),
            done: 0,
            total: self.num_items(),
        })
    }

    fn num_items(&self) -> usize {
        self.rows.row_count()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Seeded<R>>> {
        self.with(self.rows.clone().to_device(device))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Seeded<R>>> {
        let range = Tensor::arange(start as i64..end as i64, &self.rows.device());
        self.with(self.rows.select_rows(&range))
    }
}

struct Walk<I> {
    batches: I,
    seeds: Range<usize>,
    done: usize,
    total: usize,
}

impl<R: Rows, I: Iterator<Item = R>> Iterator for Walk<I> {
    type Item = Result<Seeded<R>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.batches.next()?;
        self.done += rows.row_count();
        let seed = self.seeds.next()? as u64;
        Some(Ok(Seeded { rows, seed }))
    }
}

impl<R: Rows, I: Iterator<Item = R>> DataLoaderIterator<Seeded<R>> for Walk<I> {
    fn progress(&self) -> Progress {
        Progress::new(self.done, self.total, Some("rows".to_owned()))
    }
}
