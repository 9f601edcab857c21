//! The numbers of categorical variables among the inputs and outputs of a network.

use burn::tensor::{Device, Int, Tensor, TensorData};
use thalweg_flow::Placement;
use thalweg_flow::numerics::softplus;
use thalweg_kernels::bernoulli;

/// The place of each level above the first, as an input and as an output: variables with as many levels stand
/// together, lowest number first, so that a few operations treat all of them and none is padded.
///
/// A table of binary columns is one bucket: `[batch, variables]`, without a copy.
#[derive(Debug)]
pub(super) struct Layout {
    buckets: Vec<Bucket>,
}

/// Variables with the same number of levels.
#[derive(Debug)]
struct Bucket {
    /// Levels above the first.
    above: usize,
    variables: Vec<usize>,
    /// The first of their numbers.
    start: usize,
}

impl Bucket {
    fn numbers(&self) -> usize {
        self.above * self.variables.len()
    }

    /// The numbers of its variables, `[batch, variables, levels above the first]`.
    fn of(&self, all: &Tensor<2>) -> Tensor<3> {
        let rows = all.dims()[0];
        let part = all.clone().narrow(1, self.start, self.numbers());
        part.reshape([rows, self.variables.len(), self.above])
    }
}

impl Layout {
    pub(super) fn new(levels: &[usize]) -> Self {
        let mut counts = levels.to_vec();
        counts.sort_unstable();
        counts.dedup();
        let mut start = 0;
        let bucket = |count: usize| {
            let of = |variable: &usize| levels[*variable] == count;
            let bucket = Bucket {
                above: count - 1,
                variables: (0..levels.len()).filter(of).collect(),
                start,
            };
            start += bucket.numbers();
            bucket
        };
        Self {
            buckets: counts.into_iter().map(bucket).collect(),
        }
    }

    /// The variable and the level of each number.
    fn numbers(&self) -> impl Iterator<Item = (usize, usize)> {
        let of = |bucket: &'_ Bucket| {
            let above = bucket.above;
            let variables = bucket.variables.clone().into_iter();
            variables.flat_map(move |variable| (1..=above).map(move |level| (variable, level)))
        };
        self.buckets.iter().flat_map(of)
    }

    /// The variable of each number.
    pub(super) fn owners(&self) -> Vec<usize> {
        self.numbers().map(|(variable, _)| variable).collect()
    }

    /// Logits of all levels of each variable as outputs: those above the first, less that of the first.
    pub(super) fn outputs(&self, logits: &[Vec<f64>], at: &Placement) -> Tensor<1> {
        let relative = |(variable, level): (usize, usize)| {
            let of: &[f64] = &logits[variable];
            of[level] - of[0]
        };
        let numbers: Vec<f64> = self.numbers().map(relative).collect();
        let data = TensorData::new(numbers, [self.owners().len()]);
        Tensor::from_data(data, (&at.device.clone().without_autodiff(), at.dtype))
    }

    /// The one-hot codes as inputs, `[batch, numbers]`, of codes `[batch, variables]`.
    pub(super) fn one_hot(&self, codes: Tensor<2>) -> Tensor<2> {
        let device = codes.device();
        if self.buckets.len() == 1 && self.buckets[0].above == 1 {
            return codes;
        }
        let levels: Vec<f64> = self.numbers().map(|(_, level)| level as f64).collect();
        let levels = TensorData::new(levels, [1, self.owners().len()]);
        let levels = Tensor::<2>::from_data(levels, (&device, codes.dtype()));
        let each = codes.clone().select(1, indices(&self.owners(), &device));
        let rows = [each.dims()[0], levels.dims()[1]];
        each.equal(levels.expand(rows)).float().cast(codes.dtype())
    }

    /// `ln p` of codes given the network's outputs, both `[batch, numbers]`, summed over the variables: `[batch]`.
    pub(super) fn log_prob(&self, logits: &Tensor<2>, one_hot: &Tensor<2>) -> Tensor<1> {
        let rows = logits.dims()[0];
        let of = |bucket: &Bucket| match bucket.above {
            1 => {
                let part = |all: &Tensor<2>| bucket.of(all).squeeze_dim::<2>(2);
                bernoulli(part(one_hot), part(logits))
            }
            _ => {
                let each = log_softmax(bucket.of(logits), bucket.of(one_hot));
                each.sum_dim(1).reshape([rows])
            }
        };
        let parts = self.buckets.iter().map(of);
        parts.reduce(Tensor::add).expect("a variable or more")
    }

    /// [`log_prob`](Self::log_prob) of each variable, `[batch, variables]`.
    pub(super) fn log_prob_each(&self, logits: &Tensor<2>, one_hot: &Tensor<2>) -> Tensor<2> {
        let of = |bucket: &Bucket| log_softmax(bucket.of(logits), bucket.of(one_hot));
        let all = Tensor::cat(self.buckets.iter().map(of).collect(), 1);
        let found: Vec<usize> = self
            .buckets
            .iter()
            .flat_map(|of| of.variables.clone())
            .collect();
        in_order(all, &found)
    }
}

/// `ln p` of a level of each variable: `[batch, variables]`, of logits and one-hot codes above the first level,
/// `[batch, variables, levels]`. The logit of the first is 0.
pub(super) fn log_softmax(logits: Tensor<3>, one_hot: Tensor<3>) -> Tensor<2> {
    if logits.dims()[2] == 1 {
        let (logit, one_hot) = (logits.squeeze_dim::<2>(2), one_hot.squeeze_dim(2));
        return one_hot * logit.clone() - softplus(logit);
    }
    let chosen = (one_hot * logits.clone()).sum_dim(2);
    let most = logits.clone().detach().max_dim(2).clamp_min(0.0);
    let rest = (logits - most.clone()).exp().sum_dim(2);
    let total = rest + most.clone().neg().exp();
    (chosen - most - total.log()).squeeze_dim(2)
}

/// Columns that are those of `found` in turn, in their own order.
pub(super) fn in_order(columns: Tensor<2>, found: &[usize]) -> Tensor<2> {
    if found.is_sorted() {
        return columns;
    }
    let mut places = vec![0; found.len()];
    for (place, variable) in found.iter().enumerate() {
        places[*variable] = place;
    }
    let places = indices(&places, &columns.device());
    columns.select(1, places)
}

fn indices(places: &[usize], device: &Device) -> Tensor<1, Int> {
    let numbers: Vec<i64> = places.iter().map(|place| *place as i64).collect();
    let data = TensorData::new(numbers, [places.len()]);
    Tensor::from_data(data, &device.clone().without_autodiff())
}
