//! The parts of a line that are drawn.

type Point = (f64, f64);

/// The parts of a line with finite points and `low <= y <= high`. A point without neighbours is a
/// part of its own.
pub(super) fn visible(points: &[Point], (low, high): (f64, f64)) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut previous = None;
    for &point in points {
        if !point.0.is_finite() || !point.1.is_finite() {
            previous = None;
            continue;
        }
        match previous.replace(point) {
            None if (low..=high).contains(&point.1) => parts.push(vec![point]),
            None => {}
            Some(start) => {
                if let Some((from, to)) = segment(start, point, low, high) {
                    match parts.last_mut() {
                        Some(part) if part.last() == Some(&from) => part.push(to),
                        _ => parts.push(vec![from, to]),
                    }
                }
            }
        }
    }
    parts
}

/// The part of a segment with `low <= y <= high`.
fn segment(a: Point, b: Point, low: f64, high: f64) -> Option<(Point, Point)> {
    if a.1.max(b.1) < low || a.1.min(b.1) > high {
        return None;
    }
    let cut = |end: Point| match end.1.clamp(low, high) {
        y if y == end.1 => end,
        y => (a.0 + (b.0 - a.0) * ((y - a.1) / (b.1 - a.1)), y),
    };
    Some((cut(a), cut(b)))
}

/// Cuts a line where it turns by more than a right angle in the picture.
///
/// The drawing library joins thick segments with a point, which at a narrow spike reaches far beyond
/// the data.
pub(super) fn cut_at_sharp_turns(
    line: Vec<Point>,
    pixel: impl Fn(Point) -> (i32, i32),
) -> Vec<Vec<Point>> {
    let step = |from: Point, to: Point| {
        let (from, to) = (pixel(from), pixel(to));
        [to.0 - from.0, to.1 - from.1].map(i64::from)
    };
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for point in line {
        match parts.last_mut() {
            None => parts.push(vec![point]),
            Some(part) => {
                if let [.., before, end] = part[..]
                    && let ([ax, ay], [bx, by]) = (step(before, end), step(end, point))
                    && ax * bx + ay * by < 0
                {
                    parts.push(vec![end, point]);
                } else {
                    part.push(point);
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{cut_at_sharp_turns, visible};

    #[test]
    fn a_point_that_is_not_finite_is_a_gap() {
        let line = [
            (0.0, 1.0),
            (1.0, 1.0),
            (2.0, f64::NAN),
            (3.0, 1.0),
            (f64::INFINITY, 1.0),
            (5.0, 1.0),
            (6.0, 2.0),
        ];
        let expected = vec![
            vec![(0.0, 1.0), (1.0, 1.0)],
            vec![(3.0, 1.0)],
            vec![(5.0, 1.0), (6.0, 2.0)],
        ];
        assert_eq!(visible(&line, (0.0, 3.0)), expected);
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_the_range() {
        let line = [(0.0, 1.0), (1.0, 5.0), (2.0, 5.0), (3.0, 1.0), (4.0, -1.0)];
        let expected = vec![
            vec![(0.0, 1.0), (0.5, 3.0)],
            vec![(2.5, 3.0), (3.0, 1.0), (3.5, 0.0)],
        ];
        assert_eq!(visible(&line, (0.0, 3.0)), expected);
    }

    #[test]
    fn a_spike_is_cut_at_its_point_and_a_bend_is_not() {
        let bend = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        let spike = [(1.1, -9.0), (1.2, 1.0)];
        let line: Vec<_> = bend.into_iter().chain(spike).collect();
        let pixel = |(x, y): (f64, f64)| ((100.0 * x) as i32, (100.0 * y) as i32);
        let expected = vec![
            bend.to_vec(),
            vec![bend[2], spike[0]],
            vec![spike[0], spike[1]],
        ];
        assert_eq!(cut_at_sharp_turns(line, pixel), expected);
    }
}
