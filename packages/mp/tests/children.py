"""What the child processes of the tests run: spawned ones import it by name."""


def add_one(tensor):
    return tensor + 1


def answer(received, sent):
    tensor = received.get()
    sent.put((tensor * 2, tensor.storage()))
