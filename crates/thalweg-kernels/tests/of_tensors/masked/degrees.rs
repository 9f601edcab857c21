//! Degrees of inputs, hidden units and outputs.

use super::*;

/// Of features with several inputs, all stand at one degree, in whatever order they come.
#[test]
fn the_inputs_and_outputs_of_a_feature_share_its_degree() {
    let (inputs, outputs) = (vec![0, 1, 1, 2], vec![2, 1, 1, 1, 0]);
    let hidden = vec![vec![0, 1, 2]];
    let degrees = Degrees::grouped(vec![2, 0, 1], 2, [inputs, outputs], hidden);
    let levels = [vec![2, 3, 3, 1, 0, 0], vec![0, 1, 2], vec![0, 2, 2, 2, 1]];
    assert_eq!(degrees.levels(), levels);
    assert_eq!([degrees.inputs(), degrees.outputs()], [6, 5]);
    assert_eq!(degrees.parameters(), None);
    let first = [
        [0., 0., 1.],
        [0.; 3],
        [0.; 3],
        [0., 1., 1.],
        [1.; 3],
        [1.; 3],
    ];
    assert_eq!(degrees.mask(0), first.as_flattened());
    let bounds: Vec<Vec<usize>> = degrees.arranged().into_iter().map(|a| a.bounds).collect();
    // The inputs of the last feature are seen by none.
    assert_eq!(bounds, [[0, 2, 3, 4], [0, 1, 2, 3], [0, 1, 2, 5]]);
    assert_eq!(Degrees::new(vec![1, 0], 3, 4, vec![]).parameters(), Some(4));
}

/// Degrees are as equal in number as they can be, and 0 only where there is a context.
#[test]
fn degrees_are_spread_evenly() {
    assert_eq!(Degrees::spread(6, 4, false), [1, 1, 2, 2, 3, 3]);
    assert_eq!(Degrees::spread(8, 4, true), [0, 0, 1, 1, 2, 2, 3, 3]);
    assert_eq!(Degrees::spread(3, 1, false), [1, 1, 1]);
    assert_eq!(Degrees::spread(3, 1, true), [0, 0, 0]);
    for (units, features) in [(128, 43), (100, 7), (5, 30)] {
        for context in [false, true] {
            let degrees = Degrees::spread(units, features, context);
            assert!(degrees.is_sorted());
            let least = usize::from(!context);
            assert!(
                degrees
                    .iter()
                    .all(|degree| (least..features).contains(degree))
            );
            let count = |degree| degrees.iter().filter(|of| **of == degree).count();
            let counts: Vec<usize> = (least..features).map(count).collect();
            let [most, fewest] = [counts.iter().max(), counts.iter().min()];
            assert!(most.zip(fewest).is_some_and(|(a, b)| a - b <= 1));
        }
    }
}
