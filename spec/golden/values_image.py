"""Values of the ops that resize images and choose boxes, from TensorFlow. Writes values/image.json.

    python -W ignore -m spec.golden.values_image
"""

import json
import os

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
R = tf.raw_ops


def numbers(shape, seed):
    count = int(np.prod(shape))
    return (np.sin(np.arange(count) * 1.3 + seed) * 4).astype(np.float32).reshape(shape)


def plain(array):
    # The shortest decimals that read back as the same float32.
    return {'shape': list(array.shape), 'values': [float(str(np.float32(x))) for x in np.ravel(array)]}


def resized(session):
    rows = []
    for size_from, size_to in (((2, 3), (4, 5)), ((5, 4), (2, 3)), ((1, 1), (3, 2)), ((3, 3), (3, 3))):
        for attrs in ({}, {'align_corners': True}, {'half_pixel_centers': True}):
            images = numbers((1, *size_from, 2), 0)
            grads = numbers((1, *size_to, 2), 1)
            ops = {
                'ResizeBilinear': R.ResizeBilinear(images=images, size=size_to, **attrs),
                'ResizeBilinearGrad': R.ResizeBilinearGrad(grads=grads, original_image=images, **attrs),
                'ResizeNearestNeighbor': R.ResizeNearestNeighbor(images=images, size=size_to, **attrs),
                'ResizeNearestNeighborGrad': R.ResizeNearestNeighborGrad(grads=grads, size=size_from, **attrs),
            }
            for op, tensor in ops.items():
                rows.append({
                    'op': op, 'attrs': attrs, 'from': size_from, 'to': size_to,
                    'input': plain(grads if op.endswith('Grad') else images), 'want': plain(session.run(tensor)),
                })
    return rows


def boxes_of(count, seed):
    rng = np.random.RandomState(seed)
    corner = rng.rand(count, 2) * 4
    return np.concatenate([corner, corner + 0.3 + rng.rand(count, 2) * 2], 1).astype(np.float32)


def chosen(session):
    rows = []
    for count, most, iou, score, sigma in ((12, 20, 0.5, 0.0, 0.0), (12, 3, 0.1, 0.2, 0.0), (20, 12, 0.4, 0.1, 0.5), (1, 4, 0.5, -1.0, 0.0), (0, 4, 0.5, 0.0, 0.0)):
        boxes = boxes_of(count, count)
        # Ties: every third score repeats.
        scores = np.round(np.random.RandomState(most).rand(count), 1).astype(np.float32)
        common = {'boxes': boxes, 'scores': scores, 'max_output_size': most}
        thresholds = {'iou_threshold': iou, 'score_threshold': score}
        calls = {
            'NonMaxSuppression': [R.NonMaxSuppression(**common, iou_threshold=iou)],
            'NonMaxSuppressionV2': [R.NonMaxSuppressionV2(**common, iou_threshold=iou)],
            'NonMaxSuppressionV3': [R.NonMaxSuppressionV3(**common, **thresholds)],
            'NonMaxSuppressionV4': R.NonMaxSuppressionV4(**common, **thresholds, pad_to_max_output_size=True),
            'NonMaxSuppressionV5': R.NonMaxSuppressionV5(**common, **thresholds, soft_nms_sigma=sigma),
        }
        for op, tensors in calls.items():
            rows.append({
                'op': op, 'boxes': plain(boxes), 'scores': plain(scores), 'most': most, 'iou': iou, 'score': score,
                'sigma': sigma, 'want': [plain(np.asarray(value)) for value in session.run(list(tensors))],
            })
    return rows


def main():
    with tf.Session() as session:
        result = {'resized': resized(session), 'chosen': chosen(session)}
    path = os.path.join(os.path.dirname(__file__), 'values', 'image.json')
    with open(path, 'w') as file:
        lines = {key: '[\n' + ',\n'.join(json.dumps(row) for row in rows) + '\n]' for key, rows in result.items()}
        file.write('{' + ',\n'.join(f'"{key}": {text}' for key, text in lines.items()) + '}\n')


if __name__ == '__main__':
    main()
