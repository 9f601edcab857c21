//! The mixture of estimators that an ensemble is.

use std::ops::Range;
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

/// A member under conditions, `[rows, conditions]`: one row for each sample, or one for all.
struct Member<'a> {
    estimator: &'a Estimator,
    conditions: Tensor<2>,
    /// With what the compiled form sees of the conditions.
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

    pub(crate) fn into_members(self) -> Vec<Estimator> {
        self.members
    }

    fn under(&self, z: &[f32]) -> Vec<Member<'_>> {
        self.given(z, 1)
    }

    /// The members under rows of conditions.
    fn given(&self, z: &[f32], rows: usize) -> Vec<Member<'_>> {
        let compiled = self
            .compiled
            .get_or_init(|| self.members.iter().map(Estimator::compile).collect());
        let conditions = TensorData::new(z.to_vec(), [rows, z.len() / rows]);
        let conditions: Tensor<2> = Tensor::from_data(conditions, &self.device);
        let pairs = self.members.iter().zip(compiled);
        pairs
            .map(|(estimator, flow)| Member::new(estimator, conditions.clone(), flow.as_ref()))
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
        self.in_chunks(r.len() / self.dims, |rows| {
            let r = &r[rows.start * self.dims..rows.end * self.dims];
            self.mean(
                rows.len(),
                members.iter().map(|member| member.log_prob(r, self)),
            )
        })
    }

    /// `ln q(r | z)` in nats of each row under a condition of its own: `z` has as many rows.
    pub(crate) fn log_prob_each(&self, r: &[f32], z: &[f32]) -> Result<Vec<f64>, SbiError> {
        let count = r.len() / self.dims;
        let width = z.len() / count.max(1);
        self.in_chunks(count, |rows| {
            let r = &r[rows.start * self.dims..rows.end * self.dims];
            let z = &z[rows.start * width..rows.end * width];
            let members = self.given(z, rows.len());
            self.mean(
                rows.len(),
                members.iter().map(|member| member.log_prob(r, self)),
            )
        })
    }

    /// What a function gives of each chunk of rows, on all cores.
    fn in_chunks(
        &self,
        count: usize,
        of: impl Fn(Range<usize>) -> Result<Vec<f64>, SbiError> + Sync,
    ) -> Result<Vec<f64>, SbiError> {
        let chunk = |index: usize, _: &_| of(index * CHUNK..count.min((index + 1) * CHUNK));
        let chunks = count.div_ceil(CHUNK);
        Ok(side_by_side(chunks, thalweg_kernels::threads(), chunk)?.concat())
    }

    /// The logarithm of the mean of the members' densities of some rows.
    fn mean(
        &self,
        rows: usize,
        logs: impl Iterator<Item = Result<Vec<f64>, SbiError>>,
    ) -> Result<Vec<f64>, SbiError> {
        let mut sums = vec![LogSum::default(); rows];
        for logs in logs {
            let each = sums.iter_mut().zip(logs?);
            each.for_each(|(sum, log)| sum.add(log));
        }
        let count = (self.members.len() as f64).ln();
        Ok(sums.iter().map(|sum| sum.total() - count).collect())
    }
}

impl<'a> Member<'a> {
    fn new(
        estimator: &'a Estimator,
        conditions: Tensor<2>,
        compiled: Option<&'a CompiledFlow<Tensor<2>>>,
    ) -> Self {
        let with_context = |flow| {
            let context = estimator.context(conditions.clone()).into_data();
            (flow, context.iter::<f32>().collect())
        };
        Self {
            estimator,
            compiled: compiled.map(with_context),
            conditions,
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
                    .sample(count, self.conditions.clone(), noise)?;
                Ok(rows.into_data().iter().collect())
            }
        }
    }

    fn log_prob(&self, rows: &[f32], mixture: &Mixture) -> Result<Vec<f64>, SbiError> {
        let Mixture { dims, device, .. } = mixture;
        let count = rows.len() / dims;
        match &self.compiled {
            Some((flow, context)) => {
                let mut logs = vec![0.0; count];
                let scratch = &mut Scratch::default();
                flow.given(context).log_probs(rows, &mut logs, scratch);
                Ok(logs.into_iter().map(f64::from).collect())
            }
            None => {
                let rows = TensorData::new(rows.to_vec(), [count, *dims]);
                let rows: Tensor<2> = Tensor::from_data(rows, device);
                let logs = self.estimator.log_prob(rows, self.conditions.clone())?;
                Ok(logs.into_data().iter().collect())
            }
        }
    }
}
