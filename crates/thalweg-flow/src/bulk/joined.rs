//! The results of chunks, joined.

use std::collections::VecDeque;
use std::ops::Range;

use burn::tensor::Tensor;

use crate::{TensorMap, Variable};

/// The results of chunks that come in any order.
///
/// They are written into the memory of the whole at once, so that no result lies in memory twice. Those on
/// a tape, which a condition may bring, are kept instead: there each write would be a step over the whole.
pub(super) struct Joined<Z, E> {
    rows: usize,
    whole: Option<Z>,
    tracked: Vec<(usize, Z)>,
    failed: Option<(usize, E)>,
}

impl<Z: Variable, E> Joined<Z, E> {
    /// Of this many rows, one or more.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            rows,
            whole: None,
            tracked: vec![],
            failed: None,
        }
    }

    /// Whether a chunk before this row has failed. One behind may fail sooner, on another thread.
    pub(super) fn has_failed_before(&self, row: usize) -> bool {
        self.failed.as_ref().is_some_and(|(first, _)| *first < row)
    }

    /// Adds the result for a range of the rows.
    pub(super) fn add(&mut self, range: Range<usize>, found: Result<Z, E>) {
        match found {
            Ok(part) if part.is_tracked() => self.tracked.push((range.start, part)),
            Ok(part) => {
                let whole = self.whole.take().unwrap_or_else(|| {
                    let room = &mut Room(self.rows);
                    part.clone().map(room)
                });
                let parts = part.rows().into();
                self.whole = Some(whole.map(&mut Write { range, parts }));
            }
            Err(error) => match &self.failed {
                Some((first, _)) if *first < range.start => {}
                _ => self.failed = Some((range.start, error)),
            },
        }
    }

    pub(super) fn finish(mut self) -> Result<Z, E> {
        if let Some((_, error)) = self.failed {
            return Err(error);
        }
        if let Some(whole) = self.whole {
            return Ok(whole);
        }
        self.tracked.sort_by_key(|(start, _)| *start);
        let parts = self.tracked.iter().map(|(_, part)| part.rows()).collect();
        let (_, first) = self.tracked.into_iter().next().expect("there is a chunk");
        Ok(first.map(&mut Cat { parts, tensor: 0 }))
    }
}

/// Memory for this many rows.
struct Room(usize);

impl TensorMap for Room {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let mut shape = tensor.dims();
        shape[0] = self.0;
        Tensor::empty(shape, (&tensor.device(), tensor.dtype()))
    }
}

/// Writes rows, those of each tensor in turn.
struct Write {
    range: Range<usize>,
    parts: VecDeque<Tensor<2>>,
}

impl TensorMap for Write {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let mut shape = tensor.dims();
        shape[0] = self.range.len();
        let part = self.parts.pop_front().expect("the tensors of all chunks");
        tensor.slice_assign(self.range.clone(), part.reshape(shape))
    }
}

/// Joins the tensors of chunks, each in turn.
struct Cat {
    parts: Vec<Vec<Tensor<2>>>,
    tensor: usize,
}

impl TensorMap for Cat {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let parts = self.parts.iter().map(|part| part[self.tensor].clone());
        let joined = Tensor::cat(parts.collect(), 0);
        self.tensor += 1;
        let mut shape = tensor.dims();
        shape[0] = joined.dims()[0];
        joined.reshape(shape)
    }
}
