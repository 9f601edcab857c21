//! Parts of the features.

mod grid;
#[cfg(feature = "host")]
mod host;

pub(crate) use grid::Grid;

use burn::tensor::Tensor;

/// `count` features along axis 1: `first`, `first + step`, …
///
/// ```
/// use thalweg_kernels::Places;
///
/// let odd = Places { first: 1, step: 2, count: 2 };
/// assert!(odd.iter().eq([1, 3]));
/// assert!(Places::all(4).iter().eq(0..4));
/// assert_eq!(Places::NONE.iter().next(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The first of them.
    pub first: usize,
    /// From one to the next.
    pub step: usize,
    /// How many.
    pub count: usize,
}

impl Places {
    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |index| self.first + index * self.step)
    }

    /// None.
    pub const NONE: Self = Self {
        first: 0,
        step: 1,
        count: 0,
    };

    /// All features of a tensor with this many.
    pub fn all(count: usize) -> Self {
        Self {
            count,
            ..Self::NONE
        }
    }

    /// Whether each of them is a feature of a tensor with this many.
    pub(crate) fn are_among(self, features: usize) -> bool {
        self.step > 0 && self.end() <= features
    }

    fn end(self) -> usize {
        match self.count {
            0 => self.first,
            count => self.first + (count - 1) * self.step + 1,
        }
    }
}

/// The features at some places, in a tensor of their own: `[batch, features, ..] → [batch, count, ..]`.
///
/// See [`merge`] for an example.
///
/// # Panics
///
/// When a place lies behind the last feature.
pub fn gather<const D: usize>(x: Tensor<D>, places: Places) -> Tensor<D> {
    check(&x, places);
    if let Some(none) = part_of_nothing(&x, places.count) {
        return none;
    }
    #[cfg(feature = "host")]
    if let Some(part) = host::gather(&x, places, host::Copies::Always) {
        return part;
    }
    plain_gather(x, places)
}

/// The same for whoever reads the features once, as a network does: features that lie side by side are
/// read where they lie, and nothing is copied.
///
/// See [`merge`] for an example.
///
/// # Panics
///
/// As [`gather`].
pub fn view<const D: usize>(x: Tensor<D>, places: Places) -> Tensor<D> {
    check(&x, places);
    if let Some(none) = part_of_nothing(&x, places.count) {
        return none;
    }
    #[cfg(feature = "host")]
    if let Some(part) = host::gather(&x, places, host::Copies::IfScattered) {
        return part;
    }
    plain_gather(x, places)
}

/// The inverse of two [`gather`]s whose places are all places: `parts` where they came from.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Places, gather, merge, view};
///
/// let x = Tensor::<2>::from_floats([[0.0, 10.0, 20.0, 30.0, 40.0]], &Device::default());
/// let even = Places { first: 0, step: 2, count: 3 };
/// let odd = Places { first: 1, step: 2, count: 2 };
/// let part = gather(x.clone(), odd);
/// assert_eq!(part.to_data().try_to_vec::<f32>().unwrap(), [10.0, 30.0]);
/// assert_eq!(view(x.clone(), odd).into_data(), part.to_data());
/// let both = merge([gather(x.clone(), even), part], [even, odd]);
/// assert_eq!(both.into_data(), x.into_data());
/// ```
///
/// # Panics
///
/// When there are not as many features as places, or the parts differ in samples or positions.
pub fn merge<const D: usize>(parts: [Tensor<D>; 2], places: [Places; 2]) -> Tensor<D> {
    for (part, places) in parts.iter().zip(places) {
        let (found, count) = (part.dims(), places.count);
        assert!(
            found[1] == count,
            "{count} places got a part of {} features, in {found:?}",
            found[1]
        );
    }
    let [mut alike, second] = [parts[0].dims(), parts[1].dims()];
    alike[1] = second[1];
    assert!(
        alike == second,
        "two parts of the features have the same samples and positions, got {:?} and {second:?}",
        parts[0].dims()
    );
    if let Some(none) = part_of_nothing(&parts[0], places[0].count + places[1].count) {
        return none;
    }
    #[cfg(feature = "host")]
    if let Some(x) = host::merge(&parts, places) {
        return x;
    }
    plain_merge(parts, places)
}

/// So many features of a batch without rows, if this is one: Burn would read them behind its end.
fn part_of_nothing<const D: usize>(x: &Tensor<D>, count: usize) -> Option<Tensor<D>> {
    let mut shape = x.dims();
    shape[1] = count;
    (shape[0] == 0).then(|| x.clone().reshape(shape))
}

fn check<const D: usize>(x: &Tensor<D>, places: Places) {
    let features = x.dims()[1];
    assert!(
        places.are_among(features),
        "{places:?} are not among the {features} features of {:?}",
        x.dims()
    );
}

/// [`gather`] in operations of tensors.
#[doc(hidden)]
pub fn plain_gather<const D: usize>(x: Tensor<D>, places: Places) -> Tensor<D> {
    let Places { first, step, count } = places;
    if step == 1 || count < 2 {
        return x.narrow(1, first, count);
    }
    // Strides as an axis of their own: index tensors would cost a gather, and a scatter on the way
    // back. The last place's stride may reach behind the last feature.
    let dims = x.dims();
    let rest: usize = dims[2..].iter().product();
    let whole = x.clone().narrow(1, first, (count - 1) * step);
    let strides: Tensor<4> = whole.reshape([dims[0], count - 1, step, rest]);
    let mut shape = dims;
    shape[1] = count - 1;
    let all_but_one = strides.narrow(2, 0, 1).reshape(shape);
    let last = x.narrow(1, first + (count - 1) * step, 1);
    Tensor::cat(vec![all_but_one, last], 1)
}

/// [`merge`] in operations of tensors.
#[doc(hidden)]
pub fn plain_merge<const D: usize>(parts: [Tensor<D>; 2], places: [Places; 2]) -> Tensor<D> {
    let [a, b] = parts;
    if places
        .iter()
        .all(|places| places.step == 1 || places.count < 2)
    {
        let in_order = match places[0].first < places[1].first {
            true => vec![a, b],
            false => vec![b, a],
        };
        return Tensor::cat(in_order, 1);
    }
    // Places that alternate: the first part has as many as the second, or one more.
    let [even, odd] = match places[0].first < places[1].first {
        true => [a, b],
        false => [b, a],
    };
    let (mut shape, pairs) = (odd.dims(), odd.dims()[1]);
    let rest: usize = shape[2..].iter().product();
    let as_pairs = |x: Tensor<D>| x.reshape([shape[0], pairs, 1, rest]);
    let first = even.clone().narrow(1, 0, pairs);
    let paired: Tensor<4> = Tensor::cat(vec![as_pairs(first), as_pairs(odd)], 2);
    shape[1] = 2 * pairs;
    let paired: Tensor<D> = paired.reshape(shape);
    if even.dims()[1] == pairs {
        return paired;
    }
    Tensor::cat(vec![paired, even.narrow(1, pairs, 1)], 1)
}
