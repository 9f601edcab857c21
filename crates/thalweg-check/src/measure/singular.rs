//! Linear maps without an inverse, by which every other measure would end.

use thalweg_flow::Bijection;
use thalweg_flow::walk::{Detail, Visitor};

use super::Case;
use super::names::{joined, short};
use crate::Subject;

/// The path of the first layer with a singular matrix, and the features of that.
pub(crate) fn singular<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
) -> Option<(String, usize)> {
    let mut search = Search {
        path: vec![],
        matrix_width: case.options.matrix_width,
        found: None,
    };
    let bijection = &case.model.flow().bijection;
    let (x, _) = case.model.enter(case.x.clone());
    bijection.walk(x, &case.context, &mut search);
    search.found
}

struct Search {
    path: Vec<String>,
    matrix_width: usize,
    found: Option<(String, usize)>,
}

impl Visitor for Search {
    fn enter(&mut self, step: String) {
        self.path.push(step);
    }

    fn exit(&mut self) {
        self.path.pop();
    }

    fn layer<C, B: Bijection<C>>(
        &mut self,
        layer: &B,
        x: B::Data,
        context: &C,
        details: Vec<Detail>,
    ) -> B::Latent {
        for detail in details {
            let Detail::Matrix(weight) = &detail else {
                continue;
            };
            let features = weight.dims()[0];
            if self.found.is_none() && features <= self.matrix_width && detail.is_singular() {
                let kind = short(std::any::type_name::<B>());
                self.found = Some((joined(&self.path, &kind), features));
            }
        }
        layer.forward(x, context).0
    }
}
