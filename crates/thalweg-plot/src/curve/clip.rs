type Point = (f64, f64);

/// The parts of a line with all points finite and `low <= y <= high`; a part of one point has no neighbour to join.
pub(super) fn parts(points: &[Point], (low, high): (f64, f64)) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut previous = None;
    for &point in points {
        if !point.0.is_finite() || !point.1.is_finite() {
            previous = None;
            continue;
        }
        match previous {
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
        previous = Some(point);
    }
    parts
}

fn segment(a: Point, b: Point, low: f64, high: f64) -> Option<(Point, Point)> {
    if a.1.max(b.1) < low || a.1.min(b.1) > high {
        return None;
    }
    let cut = |end: Point| {
        let y = end.1.clamp(low, high);
        if y == end.1 {
            end
        } else {
            (a.0 + (b.0 - a.0) * ((y - a.1) / (b.1 - a.1)), y)
        }
    };
    Some((cut(a), cut(b)))
}

#[cfg(test)]
mod tests {
    use super::parts;

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
        assert_eq!(parts(&line, (0.0, 3.0)), expected);
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_the_range() {
        let line = [(0.0, 1.0), (1.0, 5.0), (2.0, 5.0), (3.0, 1.0), (4.0, -1.0)];
        let expected = vec![
            vec![(0.0, 1.0), (0.5, 3.0)],
            vec![(2.5, 3.0), (3.0, 1.0), (3.5, 0.0)],
        ];
        assert_eq!(parts(&line, (0.0, 3.0)), expected);
    }
}
