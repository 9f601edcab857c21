//! Latents of numbers, and numbers of latents.

use super::{NumberModel, Numbers, single};
use crate::columns::Number;
use crate::parts::training::tensor;
use crate::rows::Targets;

impl Numbers {
    /// The flow's latents of the numbers of rows; without a flow, standard units without covariance.
    pub(crate) fn encode(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        targets: &Targets,
        inputs: &[f32],
    ) -> Vec<f64> {
        let units = self
            .space
            .units(numbers, (targets, inputs), 0..targets.rows, |_| 0.5);
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        match &model.flow {
            Some(flow) => {
                let x = tensor(single(&units.z), self.width, &device);
                flow.encode(x, context.as_ref())
                    .into_data()
                    .iter()
                    .collect()
            }
            None => units.z,
        }
    }

    /// The numbers of latents in standard units, `rows × numbers`: the inverse of [`encode`](Self::encode).
    pub(crate) fn decode(&self, model: &NumberModel, latents: &[f64], inputs: &[f32]) -> Vec<f64> {
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        let mut units: Vec<f64> = match &model.flow {
            Some(flow) => {
                let z = tensor(single(latents), self.width, &device);
                flow.decode(z, context.as_ref())
                    .into_data()
                    .iter()
                    .collect()
            }
            None => latents.to_vec(),
        };
        for (row, t) in units.chunks_exact_mut(self.width).enumerate() {
            self.space.whitening.inverse(t);
            self.space
                .add(t, &inputs[row * self.context..][..self.context]);
        }
        units
    }
}
