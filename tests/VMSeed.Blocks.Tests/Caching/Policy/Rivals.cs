namespace VMSeed.Blocks.Tests.Caching.Policy;

/// <summary>The policies that the cache's own is measured against, as the textbooks have
/// them.</summary>
internal static class Rivals
{
    /// <summary>A policy: told of each request, says whether it was a hit.</summary>
    public delegate bool Simulation(int block);

    public static Simulation Lru(int capacity) => Queue(capacity, moveOnHit: true);

    public static Simulation Fifo(int capacity) => Queue(capacity, moveOnHit: false);

    /// <summary>CLOCK: the oldest goes, unless it was hit since: then it is young again.</summary>
    public static Simulation Clock(int capacity)
    {
        Dictionary<int, bool> hit = [];
        Queue<int> queue = new();
        return block =>
        {
            if (hit.ContainsKey(block))
            {
                return hit[block] = true;
            }

            while (hit.Count >= capacity)
            {
                int oldest = queue.Dequeue();
                if (hit[oldest])
                {
                    hit[oldest] = false;
                    queue.Enqueue(oldest);
                }
                else
                {
                    hit.Remove(oldest);
                }
            }

            queue.Enqueue(block);
            return hit[block] = false;
        };
    }

    /// <summary>SIEVE (NSDI 2024): a hand goes from old to young and takes the first that was not
    /// hit; nobody moves.</summary>
    public static Simulation Sieve(int capacity)
    {
        Dictionary<int, LinkedListNode<int>> nodes = [];
        HashSet<int> visited = [];
        LinkedList<int> list = new();
        LinkedListNode<int>? hand = null;
        return block =>
        {
            if (nodes.ContainsKey(block))
            {
                visited.Add(block);
                return true;
            }

            if (nodes.Count >= capacity)
            {
                LinkedListNode<int> at = hand ?? list.Last!;
                while (visited.Remove(at.Value))
                {
                    at = at.Previous ?? list.Last!;
                }

                hand = at.Previous;
                nodes.Remove(at.Value);
                list.Remove(at);
            }

            nodes[block] = list.AddFirst(block);
            return false;
        };
    }

    private static Simulation Queue(int capacity, bool moveOnHit)
    {
        Dictionary<int, LinkedListNode<int>> nodes = [];
        LinkedList<int> list = new();
        return block =>
        {
            bool found = nodes.TryGetValue(block, out LinkedListNode<int>? node);
            if (found && moveOnHit)
            {
                list.Remove(node!);
                list.AddLast(node!);
            }
            else if (!found)
            {
                if (nodes.Count >= capacity)
                {
                    nodes.Remove(list.First!.Value);
                    list.RemoveFirst();
                }

                nodes[block] = list.AddLast(block);
            }

            return found;
        };
    }
}
