import multiprocessing

import pytest
import torch
import torch.multiprocessing as mp
from children import add_one, answer


def test_all_of_pythons_multiprocessing_is_there():
    assert set(multiprocessing.__all__) <= set(dir(mp))
    assert mp.Process is multiprocessing.Process
    assert mp.process is multiprocessing.process
    with pytest.raises(AttributeError, match="no_such_name"):
        mp.no_such_name  # noqa: B018


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_tensors_travel_through_queues(method):
    context = mp.get_context(method)
    to_child, from_child = context.Queue(), context.Queue()
    child = context.Process(target=answer, args=(to_child, from_child))
    child.start()
    tensor = torch.arange(6).view(2, 3)
    to_child.put(tensor)
    doubled, storage = from_child.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0
    assert doubled.tolist() == [[0, 2, 4], [6, 8, 10]]
    assert list(storage) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_tensors_travel_through_pools(method):
    with mp.get_context(method).Pool(2) as pool:
        results = pool.map_async(add_one, [torch.zeros(3), torch.ones(2, 2)]).get(60)
    assert [result.tolist() for result in results] == [[1.0] * 3, [[2.0] * 2] * 2]


def test_views_keep_their_values():
    receiver, sender = mp.Pipe(duplex=False)
    sender.send(torch.arange(12).view(3, 4).t().narrow(0, 1, 2))
    assert receiver.recv().tolist() == [[1, 5, 9], [2, 6, 10]]
