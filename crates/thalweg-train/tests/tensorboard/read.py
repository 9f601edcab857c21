"""Prints what TensorBoard's own reader finds in a folder of event files, as JSON.

    python3 read.py FOLDER
"""

import json
import sys

from tensorboard.backend.event_processing import event_accumulator

events = event_accumulator.EventAccumulator(
    sys.argv[1], size_guidance={"scalars": 0, "images": 0}
)
events.Reload()
tags = events.Tags()
print(
    json.dumps(
        {
            "scalars": {
                tag: [[event.step, event.value] for event in events.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "images": {
                tag: [
                    [image.step, image.height, image.width, len(image.encoded_image_string)]
                    for image in events.Images(tag)
                ]
                for tag in tags["images"]
            },
        }
    )
)
