"""The other side of the benchmarks: scikit-learn and PyTorch on the same arrays, timed in the same run.

Reads one JSON request a line, answers one JSON line: {"seconds", ...results}. Arrays come as .npy paths.
"""
import json, sys, time, warnings
import numpy as np

warnings.filterwarnings("ignore")


def versions():
    import sklearn
    from threadpoolctl import threadpool_info
    found = {"python": sys.version.split()[0], "sklearn": sklearn.__version__, "numpy": np.__version__}
    found["blas"] = [f"{i['internal_api']} {i['version']} x{i['num_threads']}" for i in threadpool_info() if i["user_api"] == "blas"]
    try:
        import torch
        found["torch"] = torch.__version__
    except ImportError:
        found["torch"] = None
    return found


def kmeans(X, k, init, centers, n_init, algorithm, seed):
    from sklearn.cluster import KMeans
    X, start = np.load(X), init or np.load(centers)
    t = time.perf_counter()
    km = KMeans(k, init=start, n_init=n_init, algorithm=algorithm, random_state=seed).fit(X)
    return {"seconds": time.perf_counter() - t, "iterations": int(km.n_iter_), "inertia": float(km.inertia_)}


def seeding(X, k, runs):
    from sklearn.cluster import kmeans_plusplus
    X = np.load(X)
    t = time.perf_counter()
    for seed in range(runs):
        kmeans_plusplus(X, k, random_state=seed)
    return {"seconds": (time.perf_counter() - t) / runs}


def started(X, weights, means, covariances, covariance_type, **options):
    """A GaussianMixture that starts from these parameters."""
    from sklearn.mixture import GaussianMixture
    w, m, c = (np.load(a).astype(X.dtype) for a in (weights, means, covariances))
    p = np.linalg.inv(c.astype(np.float64)) if covariance_type in ("full", "tied") else 1 / c
    return GaussianMixture(len(w), covariance_type=covariance_type, weights_init=w / w.sum(), means_init=m, precisions_init=p.astype(X.dtype), init_params="random", random_state=0, **options)


def mixture(X, max_iter, tol, **start):
    """Seconds per EM iteration: what all but the first one take."""
    X = np.load(X)

    def fit(n):
        g = started(X, **start, max_iter=n, tol=tol)
        t = time.perf_counter()
        g.fit(X)
        return time.perf_counter() - t, g

    one, _ = fit(1)
    many, g = fit(max_iter)
    return {"seconds": (many - one) / (g.n_iter_ - 1), "lowerBound": float(g.lower_bound_), "iterations": int(g.n_iter_)}


def mixture_rows(X, **start):
    """Seconds a call of score_samples with one row, and the sum of 1000 scores."""
    X = np.load(X)
    g = started(X, **start)
    w, m, c = (np.load(start[a]) for a in ("weights", "means", "covariances"))
    g.weights_, g.means_, g.covariances_ = w, m, c
    g.precisions_cholesky_ = np.array([np.linalg.inv(np.linalg.cholesky(s)).T for s in c])
    rows = [X[i : i + 1] for i in range(1000)]
    t = time.perf_counter()
    total = sum(float(g.score_samples(r)[0]) for r in rows)
    return {"seconds": (time.perf_counter() - t) / len(rows), "sum": total}


def mixture_sweep(X, most):
    from sklearn.mixture import GaussianMixture
    X = np.load(X)
    t = time.perf_counter()
    best = max(GaussianMixture(k, random_state=0).fit(X).lower_bound_ for k in range(1, most + 1))
    return {"seconds": time.perf_counter() - t, "lowerBound": float(best)}


def mlp(X, labels, epochs):
    """Seconds per epoch of 784-128-64-10, plain tensors rather than a DataLoader: the fastest honest form."""
    import torch, torch.nn as nn
    torch.manual_seed(1)
    X, Y = torch.from_numpy(np.load(X)), torch.from_numpy(np.load(labels).astype(np.int64))
    net = nn.Sequential(nn.Linear(X.shape[1], 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    opt, loss = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9), nn.CrossEntropyLoss()
    seconds, losses = [], []
    for _ in range(epochs):
        t, total, perm = time.perf_counter(), 0.0, torch.randperm(len(X))
        for i in range(0, len(X), 32):
            b = perm[i : i + 32]
            opt.zero_grad()
            l = loss(net(X[b]), Y[b])
            l.backward()
            opt.step()
            total += l.item()
        losses.append(total / -(-len(X) // 32))
        seconds.append(time.perf_counter() - t)
    return {"seconds": float(np.median(seconds)), "losses": losses}


measurements = {f.__name__: f for f in (versions, kmeans, seeding, mixture, mixture_rows, mixture_sweep, mlp)}
for line in sys.stdin:
    request = json.loads(line)
    name = request.pop("name")
    try:
        answer = measurements[name](**request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
