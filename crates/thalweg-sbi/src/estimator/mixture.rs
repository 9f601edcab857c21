//! The mixture of estimators that an ensemble is.

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{CompiledFlow, Noise};
use thalweg_kernels::LogSum;
use thalweg_train::side_by_side;

use super::Estimator;
use crate::SbiError;

/// `1/K Σ q_k(r | z)`, of the compiled forms of its members where they have one.
#[derive(Debug)]
pub(crate) struct Mixture {
    members: Vec<Estimator>,
    /// Made at the first use: a posterior that is only saved needs none.
    compiled: OnceLock<Vec<Option<CompiledFlow<Tensor<2>>>>>,
    dims: usize,
    device: Device,
}

/// A member under one condition, `[1, conditions]`.
struct Member<'a> {
    estimator: &'a Estimator,
    condition: Tensor<2>,
    /// With what the compiled form sees of the condition.
    compiled: Option<(&'a CompiledFlow<Tensor<2>>, Vec<f32>)>,
}

/// Rows that one thread takes at a time. Their noise has a seed of its own, so that draws do not depend on the number of
/// threads.
const CHUNK: usize = 512;

impl Mixture {
    pub(crate) fn new(members: Vec<Estimator>, dims: usize, device: &Device) -> Self {
        Self {
            members,
            compiled: OnceLock::new(),
            dims,
            device: device.clone(),
        }
    }

    pub(crate) fn members(&self) -> &[Estimator] {
        &self.members
    }

    fn under(&self, z: &[f32]) -> Vec<Member<'_>> {
        let compiled = self
            .compiled
            .get_or_init(|| self.members.iter().map(Estimator::compile).collect());
        let row = TensorData::new(z.to_vec(), [1, z.len()]);
        let condition: Tensor<2> = Tensor::from_data(row, &self.device);
        let pairs = self.members.iter().zip(compiled);
        pairs
            .map(|(estimator, flow)| Member::new(estimator, condition.clone(), flow.as_ref()))
            .collect()
    }

    /// `n` draws under one condition, `n × dims`: as many of each member, up to one, member after member.
    pub(crate) fn sample(&self, n: usize, z: &[f32], seed: u64) -> Result<Vec<f32>, SbiError> {
        let members = self.under(z);
        let of = |k: usize| n / members.len() + usize::from(k < n % members.len());
        let chunks: Vec<(usize, usize)> = (0..members.len())
            .flat_map(|k| (0..of(k)).step_by(CHUNK).map(move |first| (k, first)))
            .collect();
        let draw = |index: usize, _: &_| {
            let (k, first) = chunks[index];
            let count = CHUNK.min(of(k) - first);
            let noise = &mut Noise::seeded(seed ^ (index as u64 + 1).rotate_left(40));
            members[k].sample(count, self.dims, noise)
        };
        Ok(side_by_side(chunks.len(), thalweg_kernels::threads(), draw)?.concat())
    }

    /// `ln q(r | z)` in nats of each row under one condition.
    pub(crate) fn log_prob(&self, r: &[f32], z: &[f32]) -> Result<Vec<f64>, SbiError> {
        let members = self.under(z);
        let chunks: Vec<&[f32]> = r.chunks(CHUNK * self.dims).collect();
        let log_prob = |index: usize, _: &_| {
            let rows = chunks[index];
            let mut sums = vec![LogSum::default(); rows.len() / self.dims];
            for member in &members {
                let logs = member.log_prob(rows, self.dims, &self.device)?;
                sums.iter_mut()
                    .zip(logs)
                    .for_each(|(sum, log)| sum.add(log));
            }
            let count = (members.len() as f64).ln();
            let totals = sums.iter().map(|sum| sum.total() - count);
            Ok::<_, SbiError>(totals.collect::<Vec<f64>>())
        };
        Ok(side_by_side(chunks.len(), thalweg_kernels::threads(), log_prob)?.concat())
    }
}

impl<'a> Member<'a> {
    fn new(
        estimator: &'a Estimator,
        condition: Tensor<2>,
        compiled: Option<&'a CompiledFlow<Tensor<2>>>,
    ) -> Self {
        let with_context = |flow| {
            let context = estimator.context(condition.clone()).into_data();
            (flow, context.iter::<f32>().collect())
        };
        Self {
            estimator,
            compiled: compiled.map(with_context),
            condition,
        }
    }

    fn sample(&self, count: usize, dims: usize, noise: &mut Noise) -> Result<Vec<f32>, SbiError> {
        match &self.compiled {
            Some((flow, context)) => {
                let mut rows = vec![0.0; count * dims];
                let scratch = &mut Scratch::default();
                flow.given(context).sample(1.0, noise, &mut rows, scratch);
                Ok(rows)
            }
            None => {
                let rows = self
                    .estimator
                    .sample(count, self.condition.clone(), noise)?;
                Ok(rows.into_data().iter().collect())
            }
        }
    }

    fn log_prob(&self, rows: &[f32], dims: usize, device: &Device) -> Result<Vec<f64>, SbiError> {
        let count = rows.len() / dims;
        match &self.compiled {
            Some((flow, context)) => {
                let mut logs = vec![0.0; count];
                let scratch = &mut Scratch::default();
                flow.given(context).log_probs(rows, &mut logs, scratch);
                Ok(logs.into_iter().map(f64::from).collect())
            }
            None => {
                let rows = TensorData::new(rows.to_vec(), [count, dims]);
                let rows: Tensor<2> = Tensor::from_data(rows, device);
                let logs = self.estimator.log_prob(rows, self.condition.clone())?;
                Ok(logs.into_data().iter().collect())
            }
        }
    }
}
